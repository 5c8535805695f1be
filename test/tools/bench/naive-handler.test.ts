import { describe, expect, it } from 'vitest';
import { judgeInMemory } from '../../../cli/replay/memory-engine.ts';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { latestPlausibleTime } from '../../../lambda/aggregate/present.ts';
import { defaultMessages } from '../../../lambda/config.ts';
import { readEvent } from '../../../lambda/decode/firehose-event.ts';
import { logFields, logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { identifyBatch } from '../../../lambda/parse/batch-identity.ts';
import { flowsOf, readRecords } from '../../../lambda/parse/read-records.ts';
import { transform } from '../../../lambda/pipeline.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { instantPorts } from '../../../tools/bench/instant-ports.ts';
import { naiveHandler } from '../../../tools/bench/naive-handler.ts';
import { referenceHandler } from '../../../tools/bench/reference-handler.ts';
import { eventOfLines, linesThatFit, sampleLines } from '../../../tools/bench/sample-lines.ts';
import { noRules } from '../../support/rules.ts';

const lines = sampleLines(100_000);

describe('the usual handler that ours is measured against', () => {
  it.each(['json', 'cloudwatch'] as const)(
    'counts the pairs of %s as ours does, and answers the same flows',
    async (envelope) => {
      const event = eventOfLines(lines, envelope);
      const counted = new Map<string, { bytes: number; rejects: number }>();
      const usual = naiveHandler(logFields, {
        async add(src, dst, bytes, rejects) {
          counted.set(`${src} ${dst}`, { bytes, rejects });
          return { bytes, rejects };
        },
      });
      const judging = judgeInMemory({ formats: [parseFormat(logFormat) as Format], rules: noRules });

      const [answer, own] = [await usual(event), (await judging.invoke(event)) as Awaited<ReturnType<typeof usual>>];
      const pairs = await judging.pairs();

      // Ours knows the ends behind a NAT, and counts by them what the usual one counts by the interfaces' addresses.
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

describe('the lines of an event', () => {
  it('are as many as it has room for', () => {
    const event = JSON.stringify(eventOfLines(linesThatFit(lines, 'json', 50_000), 'json'));
    expect(event.length).toBeLessThanOrEqual(50_000);
    expect(event.length).toBeGreaterThan(40_000);
  });
});

describe('the handler of the same work that ours is measured against', () => {
  it.each(['json', 'cloudwatch'] as const)('counts and answers %s as ours does', async (envelope) => {
    const event = eventOfLines(lines, envelope);
    const formats = [parseFormat(logFormat) as Format];
    const rules = loadRules(compileRuleDirectory());
    const ports = instantPorts(rules);
    const { answers, aggregated } = await referenceHandler(formats, rules, ports)(event);
    const ours = await transform(event, { formats, rules, messages: defaultMessages }, ports);
    expect(answers).toEqual(ours.records.map(({ data }) => data));

    const { records } = readEvent(event);
    const read = readRecords(records, formats);
    const flows = read.flatMap((record, index) =>
      flowsOf(record).map((flow) => ({ flow, arrival: records[index]!.arrival ?? 0 })),
    );
    const { deltas } = aggregate(flows, rules, latestPlausibleTime(identifyBatch(records, read), flows));
    const said = (all: typeof deltas) => all.map(({ evidence: _, ...delta }) => delta);
    expect(said(aggregated.deltas)).toEqual(said(deltas));
  });
});
