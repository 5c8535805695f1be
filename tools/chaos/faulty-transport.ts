import type { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { HttpResponse } from '@smithy/core/protocols';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { FaultPlan, Invocation } from './faults.ts';
import { type Delivered, deliveredOf, toldBy } from './world.ts';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Answer = { readonly response: HttpResponse };

/** How requests to DynamoDB and SNS go over a network with faults: real HTTP, with the SDK and its retries before it. */
export class FaultyTransport {
  readonly #inner: NodeHttpHandler;
  readonly #current: AsyncLocalStorage<Invocation>;
  readonly #plan: FaultPlan;

  /** @param current the invocation on whose behalf a request is made */
  constructor(inner: NodeHttpHandler, current: AsyncLocalStorage<Invocation>, plan: FaultPlan) {
    this.#inner = inner;
    this.#current = current;
    this.#plan = plan;
  }

  async handle(request: Request): Promise<Answer> {
    const invocation = this.#current.getStore()!;
    const messages = publishedIn(request);
    const send = async (part: 'whole' | 'half') => {
      const taken = part === 'whole' ? messages : messages.slice(0, Math.floor(messages.length / 2));
      for (const { message } of taken) {
        invocation.messages.add(message.id);
        for (const { id } of toldBy(message)) invocation.published.add(id);
      }
      return taken.length === messages.length ? this.#send(request) : this.#sendSome(request, taken, messages);
    };
    const answer = await this.#plan.call(invocation, send, (kind) => {
      if (kind === 'refused') return refusal(this.#plan.calls);
      for (const { id } of messages.flatMap(({ message }) => toldBy(message))) invocation.unanswered.add(id);
      throw Object.assign(new Error('the connection was reset'), { name: 'ECONNRESET', code: 'ECONNRESET' });
    });
    const marked = markedIn(request);
    if (marked !== undefined && answer.response.statusCode === 200) invocation.marked.add(marked);
    return answer;
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  /** Sends a request and takes its whole answer, so that it was carried out whether or not anybody asks for it. */
  async #send(request: Request): Promise<Answer> {
    const { response } = await this.#inner.handle(request);
    const body = await buffer(response.body as Readable);
    return answerOf(response.statusCode, body, response.headers);
  }

  /** Sends some messages of a PublishBatch, and answers that the others failed. */
  async #sendSome(request: Request, taken: readonly Message[], all: readonly Message[]): Promise<Answer> {
    const failed = all.filter((message) => !taken.includes(message));
    const members = failed.map(
      ({ entry }) =>
        `<member><Id>${entry}</Id><Code>InternalError</Code><Message>try again</Message><SenderFault>false</SenderFault></member>`,
    );
    if (taken.length === 0) return answerOf(200, publishAnswer('', members.join('')), xml);
    const form = new URLSearchParams(String(request.body));
    for (const name of [...form.keys()]) {
      if (failed.some(({ prefix }) => name.startsWith(prefix))) form.delete(name);
    }
    const body = form.toString();
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    const { response } = await this.#send(Object.assign(request.clone(), { body, headers }));
    const text = (await buffer(response.body as Readable)).toString();
    const successful = /<Successful>(.*)<\/Successful>/s.exec(text)?.[1] ?? '';
    return answerOf(200, publishAnswer(successful, members.join('')), xml);
  }
}

const xml = { 'content-type': 'text/xml' };

function publishAnswer(successful: string, failed: string): string {
  const result = `<PublishBatchResult><Successful>${successful}</Successful><Failed>${failed}</Failed></PublishBatchResult>`;
  return `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishBatchResponse>`;
}

function answerOf(statusCode: number, body: string | Buffer, headers: Record<string, string>): Answer {
  return { response: new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(body)]) }) };
}

/** What DynamoDB says when it does not take a request, one after the other. */
function refusal(call: number): Answer {
  const kinds = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'InternalServerError'];
  const kind = kinds[call % kinds.length]!;
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${kind}`, message: 'not now' });
  return answerOf(kind === 'InternalServerError' ? 500 : 400, body, { 'content-type': 'application/x-amz-json-1.0' });
}

/** A message of a PublishBatch, its entry's id, and how the entry's parameters begin. */
interface Message {
  readonly message: Delivered;
  readonly entry: string;
  readonly prefix: string;
}

function publishedIn({ body }: Request): Message[] {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  if (form.get('Action') !== 'PublishBatch') return [];
  return [...form].flatMap(([name, value]) => {
    const prefix = /^(PublishBatchRequestEntries\.member\.\d+\.)Message$/.exec(name)?.[1];
    if (prefix === undefined) return [];
    const { default: alert } = JSON.parse(value) as { default: string };
    return [{ message: deliveredOf({ body: alert }), entry: form.get(`${prefix}Id`)!, prefix }];
  });
}

/** The id of the claim that a request marks as sent; undefined when it does something else. */
function markedIn({ body }: Request): string | undefined {
  const text = typeof body === 'string' ? body : body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
  if (!text.includes('"BOOL":true') || text.includes('"M":')) return undefined;
  const values = (JSON.parse(text) as { ExpressionAttributeValues: Record<string, { S?: string }> })
    .ExpressionAttributeValues;
  return Object.values(values).find(({ S }) => S !== undefined)?.S;
}
