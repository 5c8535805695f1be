import type { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { HttpResponse } from '@smithy/core/protocols';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { FaultPlan, Invocation } from './faults.ts';
import { alertsIn, type Delivered, deliveredOf } from './world.ts';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Response = { readonly response: HttpResponse };

/** A request handler for the SDK's clients of DynamoDB and SNS: real HTTP, with the faults of a plan. */
export class FaultyTransport {
  readonly #inner: NodeHttpHandler;
  readonly #current: AsyncLocalStorage<Invocation>;
  readonly #plan: FaultPlan;

  /** @param current the invocation that makes a request */
  constructor(inner: NodeHttpHandler, current: AsyncLocalStorage<Invocation>, plan: FaultPlan) {
    this.#inner = inner;
    this.#current = current;
    this.#plan = plan;
  }

  async handle(request: Request): Promise<Response> {
    const invocation = this.#current.getStore()!;
    const messages = publishedIn(request);
    const update = updateIn(request);
    const minute = reservedMinuteIn(update);
    const round = minute === undefined ? invocation.round : invocation.roundOf(minute);
    if (messages.length > 0) round.hasSent = true;
    const send = async (part: 'all' | 'half') => {
      round.want(wantedIn(update));
      for (const rule of deferredIn(update)) round.deferred.add(rule);
      const taken = part === 'all' ? messages : messages.slice(0, Math.floor(messages.length / 2));
      for (const { message } of taken) {
        round.messages.set(message.id, message.level);
        for (const { id } of alertsIn(message)) invocation.published.add(id);
      }
      if (taken.length < messages.length) invocation.hasTopicFailed = true;
      return taken.length === messages.length ? this.#send(request) : this.#sendSome(request, taken, messages);
    };
    const answer = await this.#plan.call(invocation, send, (kind) => {
      if (messages.length > 0) invocation.hasTopicFailed = true;
      if (kind === 'refused') return refusal(this.#plan.calls);
      for (const { id } of messages.flatMap(({ message }) => alertsIn(message))) invocation.unanswered.add(id);
      throw Object.assign(new Error('the connection was reset'), { name: 'ECONNRESET', code: 'ECONNRESET' });
    });
    const marked = markedIn(update);
    if (marked !== undefined && answer.response.statusCode === 200) invocation.marked.add(marked);
    return answer;
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  /** Sends a request and reads the complete response, so that the request is carried out even if no caller waits. */
  async #send(request: Request): Promise<Response> {
    const { response } = await this.#inner.handle(request);
    const body = await buffer(response.body as Readable);
    return responseOf(response.statusCode, body, response.headers);
  }

  /** Sends some messages of a PublishBatch, and responds that the others failed. */
  async #sendSome(request: Request, taken: readonly Message[], all: readonly Message[]): Promise<Response> {
    const failed = all.filter((message) => !taken.includes(message));
    const members = failed.map(
      ({ entry }) =>
        `<member><Id>${entry}</Id><Code>InternalError</Code><Message>try again</Message><SenderFault>false</SenderFault></member>`,
    );
    if (taken.length === 0) return responseOf(200, publishResponse('', members.join('')), xml);
    const form = new URLSearchParams(String(request.body));
    for (const name of [...form.keys()]) {
      if (failed.some(({ prefix }) => name.startsWith(prefix))) form.delete(name);
    }
    const body = form.toString();
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    const { response } = await this.#send(Object.assign(request.clone(), { body, headers }));
    const text = (await buffer(response.body as Readable)).toString();
    const successful = /<Successful>(.*)<\/Successful>/s.exec(text)?.[1] ?? '';
    return responseOf(200, publishResponse(successful, members.join('')), xml);
  }
}

const xml = { 'content-type': 'text/xml' };

function publishResponse(successful: string, failed: string): string {
  const result = `<PublishBatchResult><Successful>${successful}</Successful><Failed>${failed}</Failed></PublishBatchResult>`;
  return `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishBatchResponse>`;
}

function responseOf(statusCode: number, body: string | Buffer, headers: Record<string, string>): Response {
  return { response: new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(body)]) }) };
}

/** Returns an error of DynamoDB: a different one for each call in turn. */
function refusal(call: number): Response {
  const kinds = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'InternalServerError'];
  const kind = kinds[call % kinds.length]!;
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${kind}`, message: 'not now' });
  return responseOf(kind === 'InternalServerError' ? 500 : 400, body, { 'content-type': 'application/x-amz-json-1.0' });
}

/** A message of a PublishBatch, the id of its entry, and the prefix of the entry's parameters. */
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

/** The parts of an UpdateItem. */
interface Update {
  readonly Key: { readonly pk: { readonly S: string } };
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Value>>;
}

interface Value {
  readonly S?: string;
  readonly N?: string;
  readonly BOOL?: boolean;
  readonly M?: Readonly<Record<string, Value>>;
}

function updateIn({ body }: Request): Update | undefined {
  const text = typeof body === 'string' ? body : body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
  return text.includes('"UpdateExpression"') ? (JSON.parse(text) as Update) : undefined;
}

/** Returns the id of the alert record that an update marks as sent; undefined for other updates. */
function markedIn(update: Update | undefined): string | undefined {
  const values = Object.values(update?.ExpressionAttributeValues ?? {});
  if (!values.some(({ BOOL }) => BOOL === true) || values.some(({ M }) => M !== undefined)) return undefined;
  return values.find(({ S }) => S !== undefined)?.S;
}

const messagesPrefix = 'alert-state#messages#';

/** Returns the minute of which an update reserves messages; undefined for other updates. */
function reservedMinuteIn(update: Update | undefined): number | undefined {
  const pk = update?.Key.pk.S ?? '';
  return pk.startsWith(messagesPrefix) ? Number(pk.slice(messagesPrefix.length)) : undefined;
}

/** Returns the messages that an update reserves, by level; none for other updates. */
function wantedIn(update: Update | undefined): Record<string, number> {
  if (!update?.Key.pk.S.startsWith(messagesPrefix)) return {};
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values = {} } = update;
  const [, added = ''] = update.UpdateExpression.split('ADD ');
  return Object.fromEntries(
    added.split(', ').map((clause) => {
      const [name = '', value = ''] = clause.split(' ');
      return [names[name], Number(values[value]?.N)];
    }),
  );
}

/** Returns the rule whose alert an update claims as deferred, if any. */
function deferredIn(update: Update | undefined): string[] {
  const isDeferred = Object.values(update?.ExpressionAttributeValues ?? {}).some(({ M }) => M?.deferred?.BOOL === true);
  const claimed = Object.values(update?.ExpressionAttributeNames ?? {}).find((name) => name.startsWith('a:'));
  return isDeferred && claimed !== undefined ? [claimed.split(':')[1]!] : [];
}
