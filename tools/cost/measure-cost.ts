import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Measured, measuredFile, type Traffic } from '../../cli/cost/measured-traffic.ts';
import { runFirehose } from '../../emulators/firehose.ts';
import { type FirehoseEvent, type SourceRecord, wrapLines } from '../../emulators/firehose-event.ts';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { scenarioOf } from '../../events/corpus.ts';
import { deliveredLines } from '../../events/scenarios/delivery.ts';
import { dayEnd, dayStart } from '../../events/scenarios/times.ts';
import { styleNames } from '../../events/style-names.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { DeltaBuilder } from '../../lambda/aggregate/delta-builder.ts';
import { DynamoCounterStore } from '../../lambda/aws/dynamo-counter-store.ts';
import { EmfTelemetry } from '../../lambda/aws/emf-telemetry.ts';
import { defaultMessages } from '../../lambda/config.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import { isPair, pairKey } from '../../lambda/counters/counter-key.ts';
import { logFields, logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import { transform } from '../../lambda/pipeline.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { Log } from '../../lambda/telemetry/log.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { rulesOfStyle } from '../detections/rules-of-style.ts';
import { madeUpRegion } from './made-up-regions.ts';
import { measureMergedKeys } from './measure-merged-keys.ts';
import { groupingOf, MeasuringStore } from './measuring-store.ts';

/** Measures the sizes and writes of the labelled days and the processor time, and writes measured.json. Takes some minutes. */
export async function measureCost(): Promise<void> {
  const rules = loadRules(compileRuleDirectory());
  const styles: Record<string, Traffic> = {};
  for (const style of styleNames) {
    process.stderr.write(`${style}\n`);
    const measured = await measureTraffic(style, loadRules(rulesOfStyle(style)));
    const withRegions = await measureTraffic(style, rulesWithRegions(style));
    const regionGroupings = Object.entries(withRegions.groupings).filter(([name]) => !(name in measured.groupings));
    styles[style] = { ...measured, regionGroupings: Object.fromEntries(regionGroupings) };
  }
  process.stderr.write('processor time\n');
  const measured: Measured = {
    command: 'npm run measure-cost',
    styles,
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      node: process.version,
      recordMicroseconds: Math.round(await recordMicroseconds(rules)),
      writeMicroseconds: Math.round(await writeMicroseconds(rules)),
      logBytesPerBatch: await logBytesPerBatch(rules),
    },
  };
  writeFileSync(measuredFile, `${JSON.stringify(measured, null, 2)}\n`);
}

/** Returns the rules of a style with those that need a table of regions, and a made-up table. */
function rulesWithRegions(style: string): LoadedRules {
  const regions = { dataTime: dayStart, lookup: madeUpRegion };
  return loadRules(rulesOfStyle(style, { hasRegions: true }), regions);
}

/** The traffic with the groupings of some rules. */
type TrafficOfRules = Omit<Traffic, 'regionGroupings'>;

/** Measures the traffic of a style on its labelled day, up to `until` in epoch seconds. */
export async function measureTraffic(
  style: string,
  rules: LoadedRules,
  until: number = dayEnd,
): Promise<TrafficOfRules> {
  const knownSlots = new KnownSlots(rules.series);
  const store = new MeasuringStore(rules.series, knownSlots);
  const sizes = { records: 0, payload: 0, defaultFormat: 0, decoded: 0 };
  const touches: Touches = { records: 0, pairs: 0, amounts: new Map(), slots: new Map() };
  const compressed = { subscription: new Blocks(), stored: new Blocks() };
  const tenMinutes = new Set<string>();
  let alerts = 0;
  const ports = portsWith(store.counters, {
    report() {},
    alert() {},
  });
  const counting: Ports = {
    ...ports,
    knownSlots,
    alerts: {
      async publish(published) {
        alerts += published.length;
        return { published: new Set(published), problems: [] };
      },
    },
  };
  let isDay = false;
  await runFirehose(
    sourceOf(style, until, (line, arrival, payload) => {
      if (arrival < dayStart) return;
      if (!isDay) store.reset();
      isDay = true;
      sizes.records += 1;
      sizes.payload += payload.length;
      sizes.defaultFormat += wrapLines([defaultLine(line)], 'json', 0)[0]!.data.length;
      compressed.subscription.add(line);
      if (sizes.records % 16 === 0) addTouches(line, rules, knownSlots, touches);
      tenMinutes.add(tenMinuteKey(line));
    }),
    (event) => transform(event, settingsOf(rules), counting),
    {
      delivered(data, { arrival }) {
        if (arrival < dayStart * 1000) return;
        sizes.decoded += data.length;
        compressed.stored.add(data.toString());
      },
      dropped() {},
      failed({ errorMessage }) {
        throw new Error(`${style}: ${errorMessage}`);
      },
    },
  );
  const { pairs, groups, extraWrites } = store;
  const items = [...store.items()].filter(({ lastSeen }) => lastSeen >= dayStart);
  const merged = measureMergedKeys(style, rules, until);
  const per = (sum: number, of: number = sizes.records) => rounded(sum / of);
  return {
    records: sizes.records,
    payloadBytes: per(sizes.payload),
    defaultFormatBytes: per(sizes.defaultFormat),
    subscriptionBytes: per(
      compressed.subscription.compressedBytes((lines) => wrapLines(lines, 'cloudwatch', 0)[0]!.data),
    ),
    decodedBytes: per(sizes.decoded),
    storedBytes: per(compressed.stored.compressedBytes((lines) => gzipSync(lines.join('')))),
    pairsTouched: per(touches.pairs, touches.records),
    fiveMinuteWrites: per(store.fiveMinuteWrites.size, sumOf(store.amountWrites)),
    recordsPerPair: rounded(sizes.records / pairs.writes),
    mergedPairs: merged.pairs,
    groupings: Object.fromEntries(
      [...groupingsOf(rules)].map((name) => [
        name,
        {
          touched: per(touches.amounts.get(name) ?? 0, touches.records),
          ofMinute: per(store.amountWrites.get(name) ?? 0),
          present: per(touches.slots.get(name) ?? 0, touches.records),
          slots: per(store.slotWrites.get(name) ?? 0),
          mergedAmounts: merged.amounts.get(name) ?? [0, 0, 0],
          mergedPresence: merged.presence.get(name) ?? [0, 0, 0],
        },
      ]),
    ),
    pairsPerRecord: per(items.filter(({ isPair }) => isPair).length),
    groupsPerRecord: per(items.filter(({ isPair }) => !isPair).length),
    pairItemBytes: per(pairs.bytes, pairs.writes),
    pairUnits: per(pairs.units, pairs.writes),
    groupItemBytes: per(groups.bytes, groups.writes),
    groupUnits: per(groups.units, groups.writes),
    barePairUnits: per(pairs.bareUnits, pairs.writes),
    storedItemBytes: per(
      items.reduce((sum, { bytes }) => sum + bytes, 0),
      items.length,
    ),
    extraWrites: per(extraWrites, pairs.writes + groups.writes),
    tenMinuteShare: per(tenMinutes.size),
    alerts,
  };
}

/** The counters that single records would update: of pairs, and by grouping those of amounts and of slots of presence. */
interface Touches {
  records: number;
  pairs: number;
  readonly amounts: Map<string, number>;
  readonly slots: Map<string, number>;
}

/** Adds the counters that one record would update. */
function addTouches(line: string, rules: LoadedRules, knownSlots: KnownSlots, touches: Touches): void {
  const parsed = parseLine(line, [parseFormat(logFormat) as Format]);
  if (parsed.kind !== 'flow') return;
  touches.records += 1;
  for (const delta of aggregate([{ flow: parsed.flow, arrival: 0 }], rules).deltas) {
    if (isPair(delta.key)) touches.pairs += 1;
    else {
      const ofKind = knownSlots.isOfPresence(delta) ? touches.slots : touches.amounts;
      const name = groupingOf(delta.key);
      ofKind.set(name, (ofKind.get(name) ?? 0) + 1);
    }
  }
}

/** Returns the groupings of the rules, other than pairs. */
function groupingsOf({ series }: LoadedRules): Set<string> {
  return new Set([...series.values()].flatMap(({ groupBy, isOfPairs }) => (isOfPairs ? [] : groupBy.join())));
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}

/** Rounds to four significant digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function* sourceOf(
  style: string,
  until: number,
  observe: (line: string, arrival: number, payload: Buffer) => void = () => {},
): Generator<SourceRecord> {
  for (const { line, arrival } of deliveredLines(scenarioOf(style))) {
    if (arrival >= until) return;
    const [record] = wrapLines([line], 'json', arrival * 1000);
    observe(line, arrival, record!.data);
    yield record!;
  }
}

function settingsOf(rules: LoadedRules) {
  return { formats: [parseFormat(logFormat) as Format], rules, messages: defaultMessages };
}

function portsWith(counters: CounterStore, log: Log): Ports {
  return {
    counters,
    alerts: { publish: async (alerts) => ({ published: new Set(alerts), problems: [] }) },
    alertState: new MemoryAlertStateStore(),
    log,
    deadline: new AbortController().signal,
    closing: new AbortController().signal,
  };
}

const defaultIndexes = (parseFormat(defaultFormat) as Format).keys.map((key) =>
  (logFields as readonly string[]).indexOf(key.replaceAll('_', '-')),
);

/** Returns the line in AWS's default format. */
function defaultLine(line: string): string {
  const values = line.split(' ');
  return defaultIndexes.map((index) => values[index]).join(' ');
}

const volatile = ['packets', 'bytes', 'start', 'end', 'tcp-flags'].map((name) =>
  (logFields as readonly string[]).indexOf(name),
);
const endIndex = logFields.indexOf('end');

/** Returns a key that is equal for lines that an aggregation interval of ten minutes would merge. */
function tenMinuteKey(line: string): string {
  const values = line.split(' ');
  const interval = Math.floor(Number(values[endIndex]) / 600);
  return `${interval} ${values.filter((_, index) => !volatile.includes(index)).join(' ')}`;
}

/** Texts in blocks of five hundred, for compression. */
class Blocks {
  #texts: string[] = [];
  readonly #full: string[][] = [];

  add(text: string): void {
    this.#texts.push(text);
    if (this.#texts.length < 500) return;
    this.#full.push(this.#texts);
    this.#texts = [];
  }

  compressedBytes(compress: (texts: readonly string[]) => Buffer): number {
    return [...this.#full, this.#texts].reduce(
      (sum, texts) => sum + (texts.length === 0 ? 0 : compress(texts).length),
      0,
    );
  }
}

/** The hours of traffic for which processor time is measured; the first half is a warm-up. */
const timedHours = 6;

async function recordMicroseconds(rules: LoadedRules): Promise<number> {
  let [microseconds, records] = [0, 0];
  const ports = portsWith(new MemoryCounterStore(rules.series), { report() {}, alert() {} });
  await runFirehose(
    sourceOf(styleNames[0]!, dayStart + timedHours * 3600),
    async (event) => {
      const started = process.cpuUsage();
      const answer = await transform(event, settingsOf(rules), ports);
      const { user, system } = process.cpuUsage(started);
      if (isOfSecondHalf(event)) {
        microseconds += user + system;
        records += event.records.length;
      }
      return answer;
    },
    { delivered() {}, dropped() {}, failed() {} },
  );
  return microseconds / records;
}

/** Returns whether an event belongs to the second half, when the code is warm. */
function isOfSecondHalf({ records }: FirehoseEvent): boolean {
  return (records[0]?.approximateArrivalTimestamp ?? 0) >= (dayStart + (timedHours / 2) * 3600) * 1000;
}

/** Measures an UpdateItem with an instant response, an item of a busy pair: the processor time of the SDK and the store. */
async function writeMicroseconds(rules: LoadedRules): Promise<number> {
  const [writes, warm] = [4000, 1000];
  const item = Object.fromEntries(
    Array.from({ length: 60 }, (_, slot) => [`s0:${(1_000_000 + slot).toString(36)}`, { N: '123456' }]),
  );
  const body = JSON.stringify({ Attributes: item });
  const requestHandler = {
    handle: async () => ({ response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(body)]) } }),
  };
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: requestHandler as never,
  });
  const store = new DynamoCounterStore(client, { tableName: 'counters', retentionSeconds: 86_400 }, rules.series);
  const builder = new DeltaBuilder(pairKey('10.0.0.1', '10.0.0.2'));
  builder.addContribution(1000, 0, dayStart, dayStart + 60);
  const [delta] = builder.deltas();
  const signal = new AbortController().signal;
  let started = process.cpuUsage();
  for (let n = 0; n < warm + writes; n += 1) {
    if (n === warm) started = process.cpuUsage();
    await store.add(delta!, { dedupToken: `token${n}`, arrival: dayStart + 60 }, signal);
  }
  const { user, system } = process.cpuUsage(started);
  client.destroy();
  return (user + system) / writes;
}

/** Measures the log of a batch, and adds some 300 bytes for Lambda's own lines. */
async function logBytesPerBatch(rules: LoadedRules): Promise<number> {
  const lambdaLines = 300;
  let [bytes, batches] = [0, 0];
  const ports = portsWith(new MemoryCounterStore(rules.series), new EmfTelemetry('FlowSentinel'));
  const write = process.stdout.write;
  process.stdout.write = ((chunk: string | Uint8Array) => {
    bytes += Buffer.byteLength(chunk);
    return true;
  }) as typeof write;
  try {
    await runFirehose(
      sourceOf(styleNames[0]!, dayStart + 600),
      (event) => {
        batches += 1;
        return transform(event, settingsOf(rules), ports);
      },
      { delivered() {}, dropped() {}, failed() {} },
    );
  } finally {
    process.stdout.write = write;
  }
  return Math.round(bytes / batches) + lambdaLines;
}
