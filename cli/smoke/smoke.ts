import { DeleteItemCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { FirehoseClient } from '@aws-sdk/client-firehose';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { messageOf } from '../../lambda/common/errors.ts';
import { approximateDuration, formatInteger } from '../../lambda/common/format-units.ts';
import { scopes } from '../../lambda/flow-log/scope.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { journalOutput } from '../counter-table/live-journal.ts';
import { countMessages, noQueueText, queueOutput } from '../deployment/failed-records-queue.ts';
import { createLambdaClient, lambdaFunction } from '../deployment/lambda-function.ts';
import { type StackOptions, scopeOutput, stackOutputs } from '../deployment/stack-outputs.ts';
import { InputError } from '../terminal/input-error.ts';
import { AlertQueue } from './alert-queue.ts';
import { flushIfWaiting, flushOutput, type JournalOutputs } from './flush-journal.ts';
import { counterKeysOf, pairKeyOf, type SmokeFlow, smokeFlow } from './smoke-flow.ts';

export interface SmokeOptions extends StackOptions {
  /** An address in `suspicious_ranges`; needed if that list lacks the shipped networks. */
  readonly source?: string;
  /** The maximum time to wait for the alert, in seconds. */
  readonly timeout: number;
  readonly json?: boolean;
}

/** The AWS services that the command talks to. */
export interface SmokeClients {
  readonly firehose: FirehoseClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamoDb: DynamoDBClient;
}

const rule = 'rejects_from_suspicious_ranges';

/** The maximum duration of one request to the queue, in seconds. */
const maxReceiveSeconds = 5;

/** A step that the command took, or waited for. */
interface Step {
  readonly what: string;
  readonly seconds: number;
}

/** The result of a run. */
interface SmokeResult {
  readonly alive: boolean;
  readonly source: string;
  readonly destination: string;
  readonly steps: readonly Step[];
  /** The step that failed, and a remedy. */
  readonly problem?: string;
  /** Resources that could not be removed. */
  readonly left: readonly string[];
  /** Failed records of before, or why they are unknown. */
  readonly note?: string;
}

/**
 * Sends a marked flow through a deployed stack and waits for its alert on a temporary queue. Cleans up, also after a failure
 * or an interrupt.
 *
 * @param interrupted aborts when the user interrupts the command
 * @returns whether the alert arrived
 */
export async function smoke(options: SmokeOptions, interrupted: AbortSignal, clients?: SmokeClients): Promise<boolean> {
  const { source, timeout, json } = options;
  if (source !== undefined && canonicalAddress(source) !== source) {
    throw new InputError(
      `--source is invalid: got ${JSON.stringify(source)}, expected an IP address in canonical form`,
    );
  }
  const { firehose, sqs, sns, dynamoDb } = clients ?? (await createClients());
  const names = ['DeliveryStreamArn', 'AlertTopicArn', 'PairTableName'] as const;
  const outputs = await stackOutputs(options, names, [queueOutput, scopeOutput, journalOutput, flushOutput]);
  const rules = { ...loadRules(compileRuleDirectory()), scope: scopes.find((one) => one === outputs[scopeOutput]) };
  const { PutRecordCommand } = await import('@aws-sdk/client-firehose');
  const account = outputs.AlertTopicArn.split(':')[4] ?? '';
  const now = Math.floor(Date.now() / 1000);
  const flow = smokeFlow(source, account, now);
  const queue = new AlertQueue({ sqs, sns }, outputs.AlertTopicArn);
  const table = outputs.PairTableName;
  const steps = new Steps(json !== true);
  let problem: string | undefined;
  let isSent = false;
  try {
    await steps.take('created a queue and subscribed it to the alerts', () => queue.open(rule));
    interrupted.throwIfAborted();
    await steps.take(`sent a flow ${flow.source} -> ${flow.destination} to the stream`, () => {
      isSent = true;
      const DeliveryStreamName = outputs.DeliveryStreamArn.split('/').at(-1);
      const Data = Buffer.from(`${JSON.stringify({ message: flow.line })}\n`);
      return firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data } }));
    });
    const flush = await flushOf(outputs, dynamoDb, steps);
    problem = await waitFor(flow, { queue, dynamoDb, table, flush, rules, steps, timeout, interrupted });
  } catch (error) {
    problem = interrupted.aborted ? 'the command was interrupted' : messageOf(error);
  }
  const left = await steps.take('cleaned up', async () => [
    ...(await queue.remove()),
    ...(isSent ? await removeCounters(flow, dynamoDb, table, rules, now) : []),
  ]);
  if (problem !== undefined && isSent && !steps.has(countedText)) {
    left.push('the flow may still arrive; its counters then expire with the retention of the table');
  }
  const note = await failedRecordsNote(sqs, outputs[queueOutput]);
  const { source: src, destination } = flow;
  const result: SmokeResult = {
    alive: problem === undefined,
    source: src,
    destination,
    steps: steps.all,
    ...(problem !== undefined && { problem }),
    left,
    ...(note !== undefined && { note }),
  };
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : resultText(result));
  return result.alive;
}

const countedText = 'the function counted the flow';
const putText = 'the function put the flow into the journal';
const flushedText = 'invoked the function that counts the journal';

/** Flushes the journal if the flow waits there; resolves to the problems of the flush. */
type Flush = (pk: string) => Promise<readonly string[]>;

/** Returns the flush of a stack; undefined for a stack of a former version, which has no journal. */
async function flushOf(
  outputs: JournalOutputs & { readonly PairTableName: string },
  dynamoDb: DynamoDBClient,
  steps: Steps,
): Promise<Flush | undefined> {
  const { [journalOutput]: journal, [flushOutput]: name, PairTableName: counters } = outputs;
  if (journal === undefined || name === undefined) return undefined;
  const invoke = lambdaFunction(await createLambdaClient(), name);
  return async (pk) => {
    const onFound = () => steps.doneOnce(putText);
    const problems = await flushIfWaiting(pk, dynamoDb, { counters, journal }, invoke, onFound);
    if (problems) steps.doneOnce(flushedText);
    return problems ?? [];
  };
}

interface Waiting {
  readonly queue: AlertQueue;
  readonly dynamoDb: DynamoDBClient;
  readonly table: string;
  readonly flush: Flush | undefined;
  readonly rules: LoadedRules;
  readonly steps: Steps;
  readonly timeout: number;
  readonly interrupted: AbortSignal;
}

/** Waits until the flow is counted and its alert arrives. Returns the problem if the time is over. */
async function waitFor(flow: SmokeFlow, waiting: Waiting): Promise<string | undefined> {
  const { queue, dynamoDb, table, flush, rules, steps, timeout, interrupted } = waiting;
  const end = performance.now() + timeout * 1000;
  const pk = pairKeyOf(flow, rules);
  const key = { pk: { S: pk } };
  let problems: readonly string[] = [];
  while (performance.now() < end) {
    if (!steps.has(countedText)) {
      const get = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
      const { Item } = await dynamoDb.send(get, { abortSignal: interrupted });
      if (Item) steps.done(countedText);
      else problems = (await flush?.(pk)) ?? [];
    }
    const left = Math.ceil((end - performance.now()) / 1000);
    const bodies = await queue.receive(Math.min(maxReceiveSeconds, Math.max(0, left)), interrupted);
    if (bodies.some((body) => body.includes(flow.source) && body.includes(flow.destination))) {
      if (!steps.has(countedText)) steps.done(countedText);
      steps.done('the alert arrived');
      return undefined;
    }
  }
  if (!steps.has(countedText) && steps.has(putText)) {
    const reason = problems.length === 0 ? '' : ` The flush said: ${problems.join('; ')}`;
    return (
      `the flow is in the journal, and was not counted within ${approximateDuration(timeout)}. Look at the alarm ` +
      `flush-errors and the log of the function that counts the journal.${reason}`
    );
  }
  if (!steps.has(countedText)) {
    return (
      `the flow was not counted within ${approximateDuration(timeout)}. Look at the errors/ prefix of the lake, the log of ` +
      'the function and the log of the stream. (The stream buffers records for a minute, or for five with bufferIntervalSeconds 300, and a first invocation is slow.)'
    );
  }
  return (
    `the flow was counted, but no alert of the rule ${rule} arrived within ${approximateDuration(timeout)}. Check that ` +
    `${flow.source} is in suspicious_ranges of rules/networks.yml (if not, set --source), that the rule is deployed, ` +
    'neither silenced nor experimental, and that the log of the function has no error of publishing.'
  );
}

/** Returns a note if failed records wait for redrive, or if that is unknown. */
async function failedRecordsNote(sqs: SQSClient, url: string | undefined): Promise<string | undefined> {
  if (url === undefined) return noQueueText;
  try {
    const signals = await countMessages(sqs, url);
    return signals > 0 ? `signals of failed records pending: ${formatInteger(signals)}; run redrive` : undefined;
  } catch (error) {
    return `the queue of failed records cannot be read: ${messageOf(error)}`;
  }
}

/** Removes the counters that only this flow updated. Returns the counters that could not be removed, with the error. */
async function removeCounters(
  flow: SmokeFlow,
  dynamoDb: DynamoDBClient,
  table: string,
  rules: LoadedRules,
  now: number,
): Promise<string[]> {
  const left: string[] = [];
  for (const pk of counterKeysOf(flow, rules, now)) {
    const remove = new DeleteItemCommand({ TableName: table, Key: { pk: { S: pk } } });
    await dynamoDb.send(remove).catch((error: unknown) => left.push(`the counter ${pk}: ${messageOf(error)}`));
  }
  return left;
}

/** The finished steps; prints each one as it ends. */
class Steps {
  readonly all: Step[] = [];
  readonly #prints: boolean;
  #since = performance.now();

  constructor(prints: boolean) {
    this.#prints = prints;
  }

  has(what: string): boolean {
    return this.all.some((step) => step.what === what);
  }

  /** Adds a step unless it is finished already. */
  doneOnce(what: string): void {
    if (!this.has(what)) this.done(what);
  }

  async take<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#since = performance.now();
    const value = await work();
    this.done(what);
    return value;
  }

  /** Adds a step that began when the step before ended. */
  done(what: string): void {
    const seconds = Math.round((performance.now() - this.#since) / 100) / 10;
    this.#since = performance.now();
    this.all.push({ what, seconds });
    if (this.#prints) process.stdout.write(`${seconds.toFixed(1).padStart(6)} s  ${what}\n`);
  }
}

function resultText({ problem, left, note }: SmokeResult): string {
  const remains = left.map((one) => `Not cleaned up: ${one}\n`).join('');
  return `${problem === undefined ? 'Alive: a flow went in and its alert came out.' : `Not alive: ${problem}`}\n${remains}${note === undefined ? '' : `Note: ${note}\n`}`;
}

async function createClients(): Promise<SmokeClients> {
  const [{ FirehoseClient }, { SQSClient }] = await Promise.all([
    import('@aws-sdk/client-firehose'),
    import('@aws-sdk/client-sqs'),
  ]);
  return {
    firehose: new FirehoseClient({}),
    sqs: new SQSClient({}),
    sns: new SNSClient({}),
    dynamoDb: new DynamoDBClient({}),
  };
}
