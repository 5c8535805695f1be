import { describe, expect, it } from 'vitest';
import { createMemoryEngine } from '../../../cli/replay/memory-engine.ts';
import { collect } from '../../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { noRefusedLimits } from '../../../lambda/aggregate/refused.ts';
import { defaultMessages } from '../../../lambda/config.ts';
import { readEvent } from '../../../lambda/decode/firehose-event.ts';
import { logFields, logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { transform } from '../../../lambda/pipeline.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { instantPorts } from '../../../tools/bench/instant-ports.ts';
import { naiveHandler } from '../../../tools/bench/naive-handler.ts';
import { referenceHandler } from '../../../tools/bench/reference-handler.ts';
import { eventOfLines, linesThatFit, sampleLines } from '../../../tools/bench/sample-lines.ts';
import { noRules } from '../../support/rules.ts';

const lines = sampleLines(100_000);

describe('naiveHandler', () => {
  it.each(['json', 'cloudwatch'] as const)(
    'counts the same sums and returns the same flows as the function when the envelope is %s',
    async (envelope) => {
      const event = eventOfLines(lines, envelope);
      const counted = new Map<string, { bytes: number; rejects: number }>();
      const naive = naiveHandler(logFields, {
        async add(src, dst, bytes, rejects) {
          counted.set(`${src} ${dst}`, { bytes, rejects });
          return { bytes, rejects };
        },
      });
      const engine = createMemoryEngine({ formats: [parseFormat(logFormat) as Format], rules: noRules });

      const [answer, own] = [await naive(event), (await engine.invoke(event)) as Awaited<ReturnType<typeof naive>>];
      const pairs = await engine.pairs();

      // The function counts by packet addresses behind a NAT gateway, the naive handler by the interfaces' addresses.
      const sum = (values: Iterable<{ bytes: number | bigint; rejects: number }>) =>
        [...values].reduce((all, { bytes, rejects }) => [all[0]! + Number(bytes), all[1]! + rejects], [0, 0]);
      expect(sum(counted.values())).toEqual(sum(pairs));
      const flowsOf = ({ records }: { records: readonly { data: string }[] }) =>
        records.flatMap(({ data }) =>
          Buffer.from(data, 'base64')
            .toString()
            .trim()
            .split('\n')
            .map((text) => JSON.parse(text)),
        );
      expect(flowsOf(answer)).toEqual(flowsOf(own).map(({ counted: _, ...flow }) => flow));
    },
  );
});

describe('linesThatFit', () => {
  it('returns as many lines as fit into the event', () => {
    const event = JSON.stringify(eventOfLines(linesThatFit(lines, 'json', 50_000), 'json'));
    expect(event.length).toBeLessThanOrEqual(50_000);
    expect(event.length).toBeGreaterThan(40_000);
  });
});

describe('referenceHandler', () => {
  it.each(['json', 'cloudwatch'] as const)(
    'counts and returns the same as the function when the envelope is %s',
    async (envelope) => {
      const event = eventOfLines(lines, envelope);
      const formats = [parseFormat(logFormat) as Format];
      const rules = loadRules(compileRuleDirectory());
      const ports = instantPorts(rules);
      const { answers, deltas: ofReference } = await referenceHandler(formats, rules, ports)(event);
      const ours = await transform(event, { formats, rules, messages: defaultMessages }, ports);
      expect(answers).toEqual(ours.records.map(({ data }) => data));

      const { records } = readEvent(event);
      const columns = rules.columnsOf(readRecords(records, formats).rows);
      const { deltas } = collect(columns, rules, streamBounds).aggregate(noRefusedLimits);
      const withoutEvidence = (all: typeof deltas) => all.map(({ evidence: _, ...delta }) => delta);
      expect(withoutEvidence(ofReference)).toEqual(withoutEvidence(deltas));
    },
  );
});
