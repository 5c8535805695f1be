import {
  DynamoDBClient as Client,
  CreateTableCommand,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import {
  counterTableSchema,
  type DynamoDbServer,
  type LocalStack,
  startLocalStack,
} from '../../emulators/local-stack.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { CommandSender } from '../../lambda/aws/command-sender.ts';
import { DynamoCounterStore } from '../../lambda/aws/dynamo-counter-store.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { environmentNames } from '../../lambda/config.ts';
import { type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { concurrency } from '../../lambda/count/counter-store.ts';
import { type CounterTable, countUpdate } from '../../lambda/count/counter-update.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import type { Flow } from '../../lambda/flow-log/flow.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../test/support/dynamodb-local.ts';
import { type Bench, counted, type Part, timesThePeer } from './benchmark.ts';
import { compare, processorSeconds } from './compare.ts';
import { countAndEvaluate } from './count-and-evaluate.ts';
import { setEnvironmentOf } from './environment-of-server.ts';
import { instantPorts } from './instant-ports.ts';
import { startServerProcess } from './server-process.ts';

const format = parseFormat(defaultFormat) as Format;
const bareTable = 'bare';
/** 30 days. */
const retentionSeconds = 2_592_000;

/** Measures the cost of an exact count besides its requests, and the cost of a request in this process. */
export const countInATable: Part = {
  number: '3',
  title: 'a batch of 8,000 records that touch 2,000 pairs, counted in a table',
  async run(bench) {
    const rules = loadRules(compileRuleDirectory());
    await compareWithBareLoop(bench, rules, 'dynalite', () => startServerProcess('dynalite.ts'));
    const folder = dynamoDbLocal;
    if (folder === undefined)
      bench.miss({ peer: 'DynamoDB Local', why: 'it is not in .cache/dynamodb-local: run .ci/run, which installs it' });
    else {
      try {
        await compareWithBareLoop(bench, rules, 'DynamoDB Local', () => startDynamoDbLocal(folder));
      } catch (error) {
        bench.miss({ peer: 'DynamoDB Local', why: String(error) });
      }
    }
    await compareClients(bench, rules);
  },
};

async function compareWithBareLoop(
  bench: Bench,
  rules: LoadedRules,
  server: string,
  start: () => Promise<DynamoDbServer>,
): Promise<void> {
  const stack = await startLocalStack(start);
  try {
    const { dynamoDb } = stack.clients;
    await dynamoDb.send(new CreateTableCommand({ TableName: bareTable, ...counterTableSchema }));
    const sizes = bench.isQuick ? { records: 400, pairs: 100 } : { records: 8000, pairs: 2000 };
    const sent: UpdateItemCommandInput[] = [];
    dynamoDb.middlewareStack.add(
      (next) => (args) => {
        const input = args.input as UpdateItemCommandInput;
        if (input.TableName !== bareTable && input.UpdateExpression !== undefined) sent.push(input);
        return next(args);
      },
      { step: 'initialize', name: 'record' },
    );
    const store = new DynamoCounterStore(dynamoDb, tableOf(stack), rules.series);
    const ports = { ...instantPorts(rules), counters: store };
    let number = 0;
    const ours = async () => {
      sent.length = 0;
      const { deltas, batch } = batchOf(rules, number++, sizes);
      const began = performance.now();
      await countAndEvaluate(deltas, batch, rules, ports);
      return { seconds: (performance.now() - began) / 1000 };
    };
    const bare = async () => {
      const inputs = sent.map((input) => ({ ...input, TableName: bareTable }));
      const began = performance.now();
      await pMap(inputs, (input) => sendUpdate(dynamoDb, input), { concurrency });
      return { seconds: (performance.now() - began) / 1000 };
    };
    // Always in this order: the bare loop sends the updates of the count before it.
    const rounds = bench.isQuick ? 1 : 2;
    const seconds: { ours: number; bare: number; updates: number }[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const oursSeconds = (await ours()).seconds;
      const updates = sent.length;
      const bareSeconds = (await bare()).seconds;
      if (round < 0)
        bench.say(`${formatInteger(updates)} updates of ${formatInteger(sizes.records)} records, ${server}`);
      else seconds.push({ ours: oursSeconds, bare: bareSeconds, updates });
    }
    const middle = seconds.toSorted((a, b) => a.ours / a.bare - b.ours / b.bare)[Math.floor((seconds.length - 1) / 2)]!;
    bench.add(
      timesThePeer({
        id: '3',
        name: `count of a batch in ${server}, against a bare loop of its ${formatInteger(middle.updates)} updates: time (s)`,
        ours: middle.ours,
        peer: middle.bare,
        target: { compare: '<=', value: 1.15 },
      }),
    );
  } finally {
    await stack.stop();
  }
}

/** Sends an update. A condition may fail in one table only; either way the update is one request. */
async function sendUpdate(client: DynamoDBClient, input: UpdateItemCommandInput): Promise<void> {
  try {
    await client.send(new UpdateItemCommand(input));
  } catch (error) {
    if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
  }
}

/** Creates a batch with the same pairs as the batch before, one minute later. */
function batchOf(
  rules: LoadedRules,
  number: number,
  { records, pairs }: { readonly records: number; readonly pairs: number },
): { readonly deltas: readonly KeyDelta[]; readonly batch: Batch } {
  const arrival = 1_795_478_400 + 60 * number;
  const flows = Array.from({ length: records }, (_, index) => ({
    flow: flowOf(index % pairs, index, arrival),
    arrival,
  }));
  const token = number.toString(36).padStart(8, '0');
  return { deltas: aggregate(flows, rules).deltas, batch: { dedupToken: token, arrival } };
}

function flowOf(pair: number, number: number, arrival: number): Flow {
  const [src, dst] = [`10.0.${pair >> 8}.${pair & 255}`, `10.1.${(pair * 7) & 255}.5`];
  const line = `2 123456789012 eni-0a1b2c3d4e5f60718 ${src} ${dst} ${1024 + (number % 60_000)} 443 6 10 ${4000 + number} ${arrival - 60} ${arrival} ACCEPT OK`;
  const parsed = parseLine(line, [format]);
  if (parsed.kind !== 'flow') throw new Error(`the line is not a flow: ${line}`);
  return parsed.flow;
}

/** Measures the cost of an update in this process; the server is another process that responds at once. */
async function compareClients(bench: Bench, rules: LoadedRules): Promise<void> {
  const stack = await startLocalStack();
  const { deltas, batch } = batchOf(rules, 0, { records: 500, pairs: 500 });
  const item = await itemAfter(stack, rules, deltas[0]!, batch);
  await stack.stop();
  const server = await startServerProcess('instant-table.ts', [JSON.stringify(item)]);
  const restore = setEnvironmentOf(server.endpoint);
  try {
    const table = { tableName: 'counters', retentionSeconds };
    const { signal } = new AbortController();
    const store = new DynamoCounterStore(createClients().dynamoDb, table, rules.series);
    const stock = new Client({});
    const sender = new CommandSender(createClients().dynamoDb);
    const updateOf = new Map(deltas.map((delta) => [delta, countUpdate(delta, batch, table)]));
    const each = (work: (delta: KeyDelta) => Promise<unknown>) => async () => ({
      us: (1e6 / deltas.length) * (await processorSeconds(() => pMap(deltas, work, { concurrency }))),
    });
    bench.say(`${formatInteger(deltas.length)} updates a round, with instant responses`);
    const measured = await compare(
      {
        ours: each((delta) => store.add(delta, batch, signal)),
        stock: each(async (delta) => {
          const update = countUpdate(delta, batch, table)!;
          const { Attributes } = await stock.send(new UpdateItemCommand(update as never), { abortSignal: signal });
          readCounter(Attributes as Item);
        }),
        sending: each((delta) => sender.send(UpdateItemCommand, updateOf.get(delta) as never, signal)),
        stockSending: each((delta) =>
          stock.send(new UpdateItemCommand(updateOf.get(delta) as never), { abortSignal: signal }),
        ),
        building: each(async (delta) => {
          countUpdate(delta, batch, table);
          readCounter(item);
        }),
      },
      { rounds: bench.isQuick ? 1 : 9, warmUp: bench.isQuick ? 1 : 5 },
    );
    bench.add(
      timesThePeer({
        id: '3',
        name: 'an update in our process, against the stock client: processor time (µs)',
        ours: measured.ours.us,
        peer: measured.stock.us,
        target: { compare: '<=', value: 0.6 },
      }),
    );
    bench.add(
      timesThePeer({
        id: '3',
        name: 'of it, sending the update alone, against the stock client: processor time (µs)',
        ours: measured.sending.us,
        peer: measured.stockSending.us,
      }),
    );
    bench.add(
      counted({
        id: '3',
        name: 'of both, building the update and reading its response: processor time (µs)',
        ours: measured.building.us,
      }),
    );
  } finally {
    restore();
    await server.stop();
  }
}

function tableOf({ environment }: LocalStack): CounterTable {
  return { tableName: environment[environmentNames.tableName]!, retentionSeconds };
}

async function itemAfter(stack: LocalStack, rules: LoadedRules, delta: KeyDelta, batch: Batch): Promise<Item> {
  const store = new DynamoCounterStore(stack.clients.dynamoDb, tableOf(stack), rules.series);
  await store.add(delta, batch, new AbortController().signal);
  return (await stack.items())[0]!;
}
