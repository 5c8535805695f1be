import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { slotAttribute } from '../../../lambda/count/counter-item.ts';
import type { Addition, KeyDelta } from '../../../lambda/counters/delta.ts';
import { endpointValue } from '../../../lambda/flow-log/endpoints.ts';
import { type Flow, fieldOf } from '../../../lambda/flow-log/flow.ts';
import { transform } from '../../../lambda/pipeline.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { RuleSet } from '../../../lambda/rules/model.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { costOf, costOfAll } from '../../../sigma/lint/rule-cost.ts';
import { anyFlowValues, epoch, eventOf, flowOf, lineOf, v2 } from '../../support/flows.ts';
import { networks, ruleText } from '../../support/rules.ts';

function ruleSetOf(texts: Readonly<Record<string, string>>): RuleSet {
  return compileRules(
    Object.entries(texts).map(([name, text]) => ({ path: `${name}.yml`, text })),
    networks,
  );
}

const count = (groupBy: string, gte = 3) =>
  `type: event_count, group-by: [${groupBy}], timespan: 1h, condition: {gte: ${gte}}`;
const ruleSet = ruleSetOf({
  rejects: ruleText('{action: REJECT}', count('srcaddr, dstaddr')),
  more_rejects: ruleText('{action: REJECT}', count('dstaddr, srcaddr', 9)),
  volume: ruleText(
    '{action: ACCEPT}',
    'type: value_sum, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {field: bytes, gt: 100}',
  ),
  spread: ruleText(
    '{dstport: [22, 3389]}',
    'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 4}',
  ),
  sources: ruleText('{dstport: 22}', count('srcaddr')),
  service: ruleText('{dstport: 443}', count('dstaddr, dstport')),
});
const named = (name: string) => ruleSet.rules.find((rule) => rule.name === name)!;

describe('costOf', () => {
  it('counts no write for a rule of pairs, and one per key for any other rule', () => {
    expect(costOf(named('volume'), ruleSet)).toMatchObject({ onPairs: true, writesPerKey: 0, attributesPerSlot: 1 });
    expect(costOf(named('service'), ruleSet)).toMatchObject({ onPairs: false, writesPerKey: 1, sameItems: [] });
  });

  it('names the rules that share a series or the same items', () => {
    expect(costOf(named('rejects'), ruleSet)).toMatchObject({
      series: [{ sharedWith: ['more_rejects'] }],
      attributesPerSlot: 1,
      ownAttributesPerSlot: 0,
    });
    expect(costOf(named('spread'), ruleSet)).toMatchObject({ sameItems: ['sources'], ownAttributesPerSlot: 1 });
  });

  it('multiplies the bytes of an attribute, with its name, by the retained slots', () => {
    const { series, bytesPerKey } = costOf(named('spread'), ruleSet);
    expect(series).toMatchObject([{ slotSeconds: 180, slotsKept: 31, attributeBytes: 12 - 1 + 40 * 42 }]);
    expect(bytesPerKey).toBe(31 * series[0]!.attributeBytes);
  });

  it('bounds the cost of all rules by the series of pairs and the other groupings', () => {
    expect(costOfAll(ruleSet)).toMatchObject({
      attributesPerPair: 2,
      groupings: expect.toSatisfy((all) => all.map(String).sort().join(' ') === 'dstaddr,dstport srcaddr'),
      pairs: 30_000,
      groups: 10_000,
    });
  });

  it('equals the writes of batches: their pairs and the groups that matched', async () => {
    const within = fc.integer({ min: epoch, max: epoch + 120 });
    const flows = fc.array(
      fc.tuple(anyFlowValues, within).map(([values, end]) => ({ ...values, end })),
      { minLength: 1, maxLength: 60, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(flows, async (batch) => {
        const deltas = await deltasOf(batch);
        expect(deltas.map(({ key }) => key.pk).sort()).toEqual([...expectedKeys(batch)].sort());
        const { attributesPerPair } = costOfAll(ruleSet);
        for (const { key, additions } of deltas) {
          const series = new Set(additions.map((addition) => addition.series));
          if (key.pk.startsWith('pair#')) expect(series.size).toBeLessThanOrEqual(attributesPerPair);
          for (const addition of additions) expect(bytesOf(addition)).toBeLessThanOrEqual(statedBytes(addition));
        }
      }),
    );
  });
});

const loaded = loadRules(ruleSet);

/** Returns the updates of one batch. */
async function deltasOf(batch: readonly Record<string, string | number>[]): Promise<KeyDelta[]> {
  const deltas: KeyDelta[] = [];
  const store = new MemoryCounterStore(loaded.series);
  const signal = new AbortController().signal;
  await transform(
    eventOf(batch.map((values) => lineOf(values))),
    { formats: [v2], rules: loaded, messages: { perBatch: 1000, perMinute: 1000 } },
    {
      counters: delegatingStore(store, {
        add(delta, identity) {
          deltas.push(delta);
          return store.add(delta, identity);
        },
      }),
      alertState: new MemoryAlertStateStore(),
      alerts: { publish: async (alerts) => ({ published: new Set(alerts), problems: [] }) },
      log: { report() {}, alert() {} },
      deadline: signal,
      closing: signal,
    },
  );
  return deltas;
}

/** Derives the keys of a batch from the rules' texts, flow by flow, without the code that counts. */
function expectedKeys(batch: readonly Record<string, string | number>[]): Set<string> {
  return new Set(batch.map((values) => flowOf(values)).flatMap((flow) => [...pairOf(flow), ...groupsOf(flow)]));
}

function pairOf(flow: Flow): string[] {
  const [src, dst] = [fieldOf(flow, 'srcaddr'), fieldOf(flow, 'dstaddr')];
  const action = fieldOf(flow, 'action');
  const counts = action === 'REJECT' || (action === 'ACCEPT' && fieldOf(flow, 'bytes') !== undefined);
  return counts && src !== undefined && dst !== undefined ? [`pair#${src}#${dst}`] : [];
}

function groupsOf(flow: Flow): string[] {
  const [src, dst, port] = ['srcaddr', 'dstaddr', 'dstport'].map((name) => endpointValue(flow, name));
  return [
    src !== undefined && (port === '22' || (port === '3389' && dst !== undefined) ? `src#${src}` : []),
    port === '443' && dst !== undefined ? `group#dstaddr,dstport#${dst}#443` : [],
  ]
    .flat()
    .filter((key) => key !== false);
}

function bytesOf(addition: Addition): number {
  const name = slotAttribute(addition.series, addition.slot).length;
  if ('values' in addition) return name + addition.values.reduce((sum, value) => sum + value.length, 0);
  return name + 1 + Math.ceil(String(addition.amount).length / 2);
}

function statedBytes({ series }: Addition): number {
  const rule = ruleSet.rules.find((one) => costOf(one, ruleSet).series.some(({ id }) => id === series))!;
  return costOf(rule, ruleSet).series.find(({ id }) => id === series)!.attributeBytes;
}
