import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryEngine } from '../../../cli/replay/memory-engine.ts';
import { replayFiles } from '../../../cli/replay/replay-files.ts';
import { ReportCollector } from '../../../cli/report/report-collector.ts';
import type { SourceRecord } from '../../../emulators/firehose-event.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { anyFlowValues, directed, epoch, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { monitored, rulesOf, ruleText } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

const untimed = formatOf('srcaddr dstaddr bytes action');
const formats = [v2, directed, untimed];
const rules = loadRules(compileRuleDirectory());
/** A table of regions that knows the public addresses of the flows but one. */
const regions = {
  dataTime: epoch,
  lookup: (address: string) => (address.startsWith('198.51.100.') ? { country: 'DE', asn: 64_496 } : undefined),
};
const never = new AbortController().signal;

const anyLine = fc
  .record({
    values: anyFlowValues,
    more: fc.record({
      'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
      'pkt-srcaddr': fc.constantFrom('10.0.1.5', '198.51.100.9', '-'),
      'log-status': fc.constantFrom('OK', 'OK', 'OK', 'NODATA', 'SKIPDATA'),
      protocol: fc.constantFrom(6, 17, '-'),
      start: fc.integer({ min: epoch - 200_000, max: epoch + 86_400 }),
    }),
    format: fc.constantFrom(v2, directed, untimed),
  })
  .map(({ values, more, format }) => lineOf({ ...values, ...more, version: format.version }, format));

const anyPayload = fc.oneof(
  { weight: 8, arbitrary: anyLine.map((line) => `${line}\n`) },
  { weight: 2, arbitrary: anyLine.map((line) => JSON.stringify({ message: line })) },
  {
    weight: 1,
    arbitrary: fc.array(fc.oneof(anyLine, fc.constant('no flow')), { maxLength: 4 }).map((all) => all.join('\n')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

const anyRecords = fc
  .array(fc.tuple(anyPayload, fc.nat({ max: 40_000 }), fc.boolean()), { maxLength: 60, size: 'max' })
  .map((all) => {
    let arrival = epoch * 1000;
    return all.map(([text, wait, isKnown]): SourceRecord => {
      arrival += wait;
      return { data: Buffer.from(text), arrival: isKnown ? arrival : 0 };
    });
  });

/** A way to count the batches of a replay. */
interface Way {
  readonly isInPlace: boolean;
  readonly hasEvents: boolean;
  readonly flushSeconds?: number;
}

/** Replays records, and returns everything that a replay prints or writes. */
async function replayed(source: readonly SourceRecord[], used: LoadedRules, way: Way) {
  const { isInPlace, hasEvents, flushSeconds } = way;
  const alerts: unknown[] = [];
  const engine = createMemoryEngine({ formats, rules: used, flushSeconds, isInPlace }, (alert, isLogOnly) => {
    alerts.push([alert, isLogOnly]);
  });
  const collector = new ReportCollector(used, formats, { withHosts: true, areLogs: true, addressSources: { regions } });
  const files = {
    bytes: 1,
    formats,
    files: () => [{ name: 'a', bytes: 1, kind: 'text', records: 1, problem: undefined }],
    async *records() {
      yield* source;
    },
  } as unknown as Parameters<typeof replayFiles>[0];
  const { records, ...totals } = await replayFiles(files, hasEvents ? { invoke: engine.invoke } : engine, {
    label: 'test',
    collector,
    signal: never,
  }).catch((error: Error) => ({ records: error.message }));
  await engine.finish();
  const pairs = await engine.pairs();
  const report = collector.finish({ command: '', hunt: {} as never, sources: [], pairs });
  const counts = [engine.leftOut(), engine.implausibleTimes()];
  return { alerts, records, totals, pairs, report, counts, unlogged: collector.unlogged };
}

const stored: Way = { isInPlace: false, hasEvents: true };
const journal = { flushSeconds: 300, isInPlace: false };

/** Rules of every kind with low thresholds, so that few flows have alerts. */
const low = rulesOf(
  ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 10m, condition: {gte: 3}'),
  ruleText(
    '{dstport|gt: 0}',
    'type: value_count, group-by: [srcaddr], timespan: 10m, condition: {field: dstport, gte: 3}',
  ),
  ruleText('{action: ACCEPT}', 'type: value_sum, group-by: [dstaddr], timespan: 1h, condition: {field: bytes, gt: 9}'),
  ruleText('{action: ACCEPT}', 'type: value_avg, group-by: [srcaddr], timespan: 1h, condition: {field: bytes, gt: 9}'),
  ruleText('{dstport: 443}', 'type: event_count, group-by: [interface-id], timespan: 5m, condition: {gte: 2}'),
);

it.each<[name: string, way: Way, expected: Way]>([
  ['in place', { isInPlace: true, hasEvents: false }, stored],
  ['in place, by events', { isInPlace: true, hasEvents: true }, stored],
  ['in a store without events', { isInPlace: false, hasEvents: false }, stored],
  ['by a journal without events', { ...journal, hasEvents: false }, { ...journal, hasEvents: true }],
])('gives the same results as a store that receives events when batches are counted %s', async (_, way, expected) => {
  let alerts = 0;
  await fc.assert(
    fc.asyncProperty(anyRecords, fc.boolean(), fc.constantFrom(rules, low), async (records, isMonitored, loaded) => {
      const used = isMonitored ? monitored(loaded) : loaded;
      const results = await replayed(records, used, way);
      expect(results).toEqual(await replayed(records, used, expected));
      alerts += results.alerts.length;
    }),
    { numRuns: byTier(40, 400) },
  );
  expect(alerts).toBeGreaterThan(0);
});
