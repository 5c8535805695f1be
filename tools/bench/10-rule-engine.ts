import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InPlaceCounters } from '../../emulators/in-place-counters.ts';
import { CountedFlows } from '../../lambda/aggregate/add-flows.ts';
import { noBounds } from '../../lambda/aggregate/plausible-time.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { FlowRows } from '../../lambda/flow-log/flow-rows.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLines } from '../../lambda/parse/parse-line.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { type Bench, counted, type Part } from './benchmark.ts';
import { median } from './compare.ts';

const sizes = [1, 20, 200];

/** Node.js has this function only with the flag. */
const collectGarbage: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

/** The condition of a rule of each type, which no source meets. */
const conditions = {
  event_count: () => ', condition: {gte: 1000000}',
  value_sum: () => ', condition: {field: bytes, gte: 1000000000000}',
  // An item has space for the values of a few such series, so these rules share one series, with other thresholds.
  value_count: (index: number) => `, condition: {field: dstaddr, gte: ${51 + (index % 20)}}`,
  temporal: () => '',
  temporal_ordered: () => '',
} as const;

type CorrelationType = keyof typeof conditions;

const sources = 5000;
const format = parseFormat('srcaddr dstaddr dstport bytes start end action') as Format;

/** Measures the evaluation of rules alone: from flows in memory to counters in memory, without any alert. */
export const ruleEngine: Part = {
  number: '10',
  title: 'the rule engine by itself: flows in memory, 5,000 sources, no alert',
  async run(bench) {
    for (const type of Object.keys(conditions) as CorrelationType[]) {
      bench.say(`${type}: ${sizes.map(formatInteger).join(', ')} rules`);
      for (const size of sizes) measureRules(bench, type, size);
    }
  },
};

function measureRules(bench: Bench, type: CorrelationType, size: number): void {
  const rules = loadRules(compileRules(ruleFiles(type, size), new Map()));
  const batches = flowsOf(bench.isQuick ? 2 : 20, bench.isQuick ? 100 : 5000, size);
  const events = batches.reduce((sum, { length }) => sum + length, 0);
  const seconds: number[] = [];
  const bytes = bytesOfGroup(batches, rules);
  for (let run = 0; run < (bench.isQuick ? 1 : 3); run += 1) {
    const started = process.cpuUsage();
    evaluate(batches, rules);
    const { user, system } = process.cpuUsage(started);
    seconds.push((user + system) / 1e6);
  }
  const rulesText = `${formatInteger(size)} rule${size === 1 ? '' : 's'}`;
  const isReached = size === 20 && (type === 'event_count' || type === 'value_sum');
  bench.add(
    counted({
      id: '10',
      name: `${type} with ${rulesText}: events a second of processor time`,
      ours: events / median(seconds),
      ...(isReached && { target: { compare: '>=', value: 500_000 } }),
    }),
  );
  if (size === 20)
    bench.add(counted({ id: '10', name: `${type} with ${rulesText}: memory of a group (bytes)`, ours: bytes }));
}

/** Returns the memory of a counter. This run compiles the code too, so it is not timed. */
function bytesOfGroup(batches: readonly FlowRows[], rules: LoadedRules): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const counters = [...evaluate(batches, rules).counters];
  collectGarbage();
  return (process.memoryUsage().heapUsed - before) / counters.length;
}

function evaluate(batches: readonly FlowRows[], rules: LoadedRules): InPlaceCounters {
  const counters = new InPlaceCounters(rules);
  for (const [index, rows] of batches.entries()) {
    const flows = new CountedFlows(rules.columnsOf(rows), rules, noBounds);
    const batch = { dedupToken: String(index).padStart(8, '0'), arrival: rows.arrival[0]! };
    if (!counters.canCount(flows)) throw new Error('a batch is above the limits');
    const { evaluation } = counters.count(flows, batch, { isRetry: false, isCounted: false }, new Map());
    if (evaluation.findings.length > 0)
      throw new Error('a rule is due, but the thresholds are meant to be out of reach');
  }
  return counters;
}

/** Makes rules of one type. But for `value_count`, a flow matches one of them, by its port. */
function ruleFiles(type: CorrelationType, size: number): { path: string; text: string }[] {
  return Array.from({ length: size }, (_, index) => {
    const detection = (name: string, port: number) => `
title: Some flow
name: ${name}_${index}
logsource: {product: aws, service: vpcflow}
detection: {selection: ${type === 'value_count' ? '{action: ACCEPT}' : `{dstport: ${port}}`}, condition: selection}
---`;
    const isTemporal = type.startsWith('temporal');
    const detections = detection('first', 1000 + index) + (isTemporal ? detection('second', 3000 + index) : '');
    const names = isTemporal ? `first_${index}, second_${index}` : `first_${index}`;
    const text = `${detections}
title: Rule ${index}
level: high
correlation: {type: ${type}, rules: [${names}], group-by: [srcaddr], timespan: 10m${conditions[type](index)}}
`;
    return { path: `rules/rule_${index}.yml`, text };
  });
}

/** Makes batches of a minute each, as rows that are parsed already. Flows to ports above 3000 have other sources. */
function flowsOf(batches: number, flows: number, size: number): FlowRows[] {
  const start = 1_795_478_400;
  return Array.from({ length: batches }, (_, minute) => {
    const lines = Array.from({ length: flows }, (_, index) => {
      const n = minute * flows + index;
      const isSecond = n % 8 === 0;
      const source = (n * 7) % sources;
      const address = `10.${isSecond ? 1 : 0}.${source >> 8}.${source & 255}`;
      const port = (isSecond ? 3000 : 1000) + (n % size);
      const end = start + minute * 60 + (index % 60);
      return `${address} 192.0.2.${n % 250} ${port} ${n % 1500} ${end - 10} ${end} ACCEPT`;
    });
    const rows = new FlowRows(flows);
    parseLines(lines, [format], rows);
    rows.setUnknownArrivals(start + minute * 60 + 60);
    return rows;
  });
}
