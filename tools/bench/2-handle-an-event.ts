import type { FirehoseEvent } from '../../emulators/firehose-event.ts';
import { collect } from '../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import { noRefusedLimits } from '../../lambda/aggregate/refused.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { defaultMessages } from '../../lambda/config.ts';
import { readEvent } from '../../lambda/decode/firehose-event.ts';
import { logFields, logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { identifyBatch } from '../../lambda/parse/batch-identity.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';
import { transform } from '../../lambda/pipeline.ts';
import { respond } from '../../lambda/respond/respond.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { rulesOfStyle } from '../detections/rules-of-style.ts';
import { type Bench, counted, type Part, timesAsFast, timesThePeer } from './benchmark.ts';
import { compare, processorSeconds } from './compare.ts';
import { countAndEvaluate } from './count-and-evaluate.ts';
import { instantPorts } from './instant-ports.ts';
import { naiveHandler } from './naive-handler.ts';
import { referenceHandler } from './reference-handler.ts';
import { eventOfLines, linesThatFit, sampleLines } from './sample-lines.ts';

const megabyte = 1024 * 1024;
const formats = [parseFormat(logFormat) as Format];
const envelopes = [
  ['json', 'JSON records'],
  ['cloudwatch', 'CloudWatch Logs batches'],
] as const;

/** Measures the processor time of an invocation without its requests: store and topic respond at once. */
export const handleAnEvent: Part = {
  number: '2',
  title: 'an event of 3 MB through the handler, store and topic responding at once',
  async run(bench) {
    const bytes = (bench.isQuick ? 0.1 : 3) * megabyte;
    const lines = linesThatFit(sampleLines(bytes), 'json', bytes);
    const rules = loadRules(rulesOfStyle('office'));
    for (const [envelope, what] of envelopes) {
      const event = eventOfLines(lines, envelope);
      bench.say(`${formatInteger(lines.length)} lines in ${formatInteger(event.records.length)} ${what}`);
      await compareHandlers(bench, event, what, rules);
      await measureStages(bench, event, what, rules);
    }
  },
};

async function compareHandlers(bench: Bench, event: FirehoseEvent, what: string, rules: LoadedRules): Promise<void> {
  const ports = instantPorts(rules);
  const settings = { formats, rules, messages: defaultMessages };
  const naive = naiveHandler(logFields, { add: async (_src, _dst, bytes, rejects) => ({ bytes, rejects }) });
  const answer = await transform(event, settings, ports);
  if (answer.records.some(({ result }) => result !== 'Ok'))
    throw new Error('a record of the event was not transformed');
  const reference = referenceHandler(formats, rules, instantPorts(rules));
  const { answers } = await reference(event);
  if (answer.records.some(({ data }, index) => data !== answers[index])) throw new Error('the responses differ');
  const payloads = answer.records.map(({ data }) => Buffer.from(data, 'base64'));
  const floor = () => {
    let bytes = 0;
    for (const { data } of event.records) bytes += Buffer.from(data, 'base64').length;
    for (const payload of payloads) bytes += payload.toString('base64').length;
    return bytes;
  };
  const run = (work: () => unknown) => async () => ({ ms: 1000 * (await processorSeconds(work)) });
  const measured = await compare(
    {
      ours: run(() => transform(event, settings, ports)),
      // Ten times, because one time is shorter than the resolution of the clock.
      floor: async () => ({ ms: (await run(() => tenTimes(floor))()).ms / 10 }),
      naive: run(() => naive(event)),
      reference: run(() => reference(event)),
    },
    { rounds: bench.isQuick ? 1 : 15, warmUp: 3 },
  );
  bench.add(
    timesThePeer({
      id: '2',
      name: `handler on ${what}, against base64 alone: processor time (ms)`,
      ours: measured.ours.ms,
      peer: measured.floor.ms,
      target: { compare: '<=', value: 6 },
    }),
  );
  bench.add(
    timesAsFast({
      id: '2',
      name: `handler on ${what}, against a split(' ') handler that does less: processor time (ms)`,
      ours: measured.ours.ms,
      peer: measured.naive.ms,
    }),
  );
  bench.add(
    timesAsFast({
      id: '2',
      name: `handler on ${what}, against a split(' ') handler of the same work: processor time (ms)`,
      ours: measured.ours.ms,
      peer: measured.reference.ms,
      target: { compare: '>=', value: 7 },
    }),
  );
}

/** Measures the processor time of each stage of lambda/pipeline.ts. */
async function measureStages(bench: Bench, event: FirehoseEvent, what: string, rules: LoadedRules): Promise<void> {
  const ports = instantPorts(rules);
  const { records } = readEvent(event);
  const read = readRecords(records, formats);
  const batch = identifyBatch(records, read);
  // To make the columns is a part of the stage.
  const aggregate = () => {
    const collected = collect(rules.columnsOf(read.rows), rules, streamBounds);
    return { ...collected.aggregate(noRefusedLimits), contributions: collected.contributions };
  };
  const { deltas, contributions } = aggregate();
  const run = (work: () => unknown) => async () => ({ ms: 1000 * (await processorSeconds(work)) });
  const measured = await compare(
    {
      'decode and parse': run(() => readRecords(records, formats)),
      'hash of the batch': run(() => identifyBatch(records, read)),
      aggregate: run(aggregate),
      'count and evaluate': run(() => countAndEvaluate(deltas, batch, rules, ports)),
      respond: run(() => respond(read.records, contributions)),
    },
    { rounds: bench.isQuick ? 1 : 9, warmUp: 3 },
  );
  for (const [stage, { ms }] of Object.entries(measured)) {
    bench.add(counted({ id: '2', name: `of it on ${what}, ${stage}: processor time (ms)`, ours: ms }));
  }
}

function tenTimes(work: () => unknown): void {
  for (let n = 0; n < 10; n += 1) work();
}
