import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { writeAlert } from '../../../lambda/alert/alert.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { distinctText } from '../../../lambda/alert/distinct-text.ts';
import { type DistinctValues, distinctValuesOf } from '../../../lambda/alert/distinct-values.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import type { Rule } from '../../../lambda/rules/model.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { findingsOf } from '../../support/findings.ts';
import { epoch, flowOf, formatOf, v2 } from '../../support/flows.ts';
import { defaultRules, rulesOf } from '../../support/rules.ts';
import { correlated } from './alert-kinds.ts';

const counting = (field: string, threshold: number, groupBy = 'srcaddr') =>
  rulesOf(
    correlated(
      `type: value_count, rules: [entry], group-by: [${groupBy}], timespan: 1h, condition: {gte: ${threshold}, field: ${field}}`,
    ),
  );

/** Returns what a finding's alert says of its values: the JSON, and the line of the e-mail. */
function told(finding: Finding): { distinct: DistinctValues | undefined; line: string | undefined; text: string } {
  const { body, text } = writeAlert(finding, { account: undefined, region: undefined });
  const { distinct } = JSON.parse(body) as AlertBody;
  expectAlertBody(JSON.parse(body));
  return { distinct, line: text.split('\n').find((line) => line.startsWith('All ')), text };
}

describe('distinctValuesOf', () => {
  it('has all destinations when each of them arrives in another batch', async () => {
    const rules = counting('dstaddr', 14);
    const store = new MemoryCounterStore(rules.series);
    const found: Finding[] = [];
    for (let n = 0; n < 14; n += 1) {
      const end = epoch + n * 120;
      const batch = { dedupToken: `batch-${String(n).padStart(2, '0')}`, arrival: end + 60 };
      const flow = flowOf({ dstaddr: `10.0.4.${14 - n}`, start: end - 10, end });
      found.push(...(await findingsOf([flow], rules, { batch, store })));
    }
    expect(found.map(({ record }) => record.value)).toEqual([14]);
    const [{ distinct, line, text }] = found.map(told) as [ReturnType<typeof told>];
    const destinations = Array.from({ length: 14 }, (_, n) => `10.0.4.${n + 1}`);
    expect(distinct).toEqual({ field: 'dstaddr', values: destinations, more: 0 });
    expect(line).toBe(`All destinations: ${destinations.join(', ')}`);
    expect(text).toContain('\nTo: 10.0.4.1\n');
  });

  it('equals a set over the raw values of the window, in any batches', async () => {
    const rules = counting('dstport', 3);
    const flows = fc.array(
      fc.record({
        dstport: fc.integer({ min: 1, max: 12 }),
        at: fc.integer({ min: 0, max: 7200 }),
        ends: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(flows, async (all) => {
        const store = new MemoryCounterStore(rules.series);
        const seen: { dstport: number; end: number }[] = [];
        let pending: ReturnType<typeof flowOf>[] = [];
        let batches = 0;
        for (const { dstport, at, ends } of all.toSorted((a, b) => a.at - b.at)) {
          const end = epoch + at;
          pending.push(flowOf({ dstport, start: end, end }));
          seen.push({ dstport, end });
          if (!ends) continue;
          batches += 1;
          const batch = { dedupToken: String(batches).padStart(8, '0'), arrival: end };
          for (const finding of await findingsOf(pending, rules, { batch, store })) {
            const { from, to, value } = finding.record;
            const inWindow = seen.filter((flow) => flow.end >= from && flow.end < to).map((flow) => flow.dstport);
            const expected = [...new Set(inWindow)].sort((a, b) => a - b).map(String);
            expect(distinctValuesOf(finding.rule, finding.record, finding.counter)).toEqual({
              field: 'dstport',
              values: expected,
              more: 0,
            });
            expect(value).toBe(expected.length);
          }
          pending = [];
        }
      }),
    );
  });

  it.each([
    ['numbers', ['9', '80', '443', '8080']],
    ['addresses', ['9.0.0.1', '10.0.0.2', '10.0.0.11', '2001:db8::9', '2001:db8::10']],
    ['text after numbers and addresses', ['7', '10.0.0.1', '2001:db8::1', 'eni-1', 'eni-2']],
  ])('sorts %s', (_, values) => {
    expect(listed(values.toReversed())).toMatchObject({ values, more: 0 });
    expect(listed(values, values.length - 1)).toMatchObject({ values: values.slice(0, -1), more: 1 });
  });

  it('counts the values that the counter no longer holds', () => {
    expect(listed([], 100, 14)).toEqual({ field: 'dstport', values: [], more: 14 });
    expect(distinctText(listed([], 100, 14)!, false, 20)).toBe('14, no longer stored');
    expect(distinctText(listed(['22', '23'], 100, 14)!, false, 20)).toBe('22, 23 and 12 more');
  });

  it('has neither values of another window nor values of a resolution notice', () => {
    const counter = { slots: new Map([['s', new Map([[0, new Set(['22'])]])]]) };
    const window = { from: 180, to: 3960, value: 0, multiple: 1 };
    expect(distinctValuesOf(ruleOf(), window, counter)).toMatchObject({ values: [] });
    expect(distinctValuesOf(ruleOf(), { ...window, from: 0, multiple: 0 }, counter)).toBeUndefined();
  });

  it('returns the stored text when another program has written an invalid combination', () => {
    for (const text of ['{', '7', 'null']) expect(listed([text], 1, 1, ['vpc-id'])!.values).toEqual([[text]]);
  });

  it('names the values of several fields together', async () => {
    const rules = counting('[dstaddr, dstport]', 2);
    const flows = [22, 3].map((dstport) => flowOf({ dstport }));
    const [finding] = await findingsOf(flows, rules);
    const { distinct, line, text } = told(finding!);
    expect(distinct).toEqual({
      field: 'dstaddr',
      also: ['dstport'],
      values: [
        ['10.0.2.7', '3'],
        ['10.0.2.7', '22'],
      ],
      more: 0,
    });
    expect(line).toBe('All combinations of dstaddr and dstport: 10.0.2.7 3, 10.0.2.7 22');
    expect(text).toContain('It was 2 combinations of dstaddr and dstport.');
    expect(text).toContain('- Values in Athena: SELECT dstaddr, dstport, COUNT(*) AS flows');
  });

  it('names a long value as a hash, and a value that looks like a hash too', async () => {
    const values = ['x'.repeat(101), `sha256:${'0'.repeat(64)}`, 'a'.repeat(64)];
    const format = formatOf(`${v2.names.join(' ')} vpc-id`);
    const flows = values.map((value) => flowOf({ 'vpc-id': value }, format));
    const [finding] = await findingsOf(flows, counting('vpc-id', 3));
    const { distinct, line } = told(finding!);
    expect(distinct).toMatchObject({ field: 'vpc-id', values: ['a'.repeat(64)], more: 0 });
    expect(distinct!.hashes).not.toContain('0'.repeat(64));
    expect(distinct!.hashes).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect(line).toMatch(/^All values of vpc-id: a{64}(, a long value with SHA-256 [0-9a-f]{12}\.\.\.){2}$/);
  });

  it('says that there may be more values when a set is full', async () => {
    const flows = Array.from({ length: 90 }, (_, n) => flowOf({ dstaddr: `10.0.4.${n}`, dstport: 22 }));
    const [finding] = await findingsOf(flows, defaultRules);
    const { distinct, line } = told(finding!);
    expect(distinct!.values).toHaveLength(80);
    expect(line).toMatch(/^All destinations: 10\.0\.4\.0, .*, 10\.0\.4\.19 and at least 60 more$/);
    expect(distinctText({ field: 'dstport', values: ['1'], more: 0 }, true, 20)).toBe('1 and perhaps more');
  });

  it('leaves the message under 256 KiB when all values are long', async () => {
    const [finding] = await findingsOf([flowOf()], counting('dstport', 1));
    const values = Array.from({ length: 150 }, (_, n) => `${String.fromCharCode(0xe000 + n)}${'\u0007'.repeat(97)}`);
    const slots = new Map(
      [...finding!.counter.slots].map(([id, bySlot]) => [
        id,
        new Map([...bySlot].map(([slot]) => [slot, new Set(values)])),
      ]),
    );
    const full = { ...finding!, counter: { ...finding!.counter, slots } };
    const { body, text } = writeAlert(full, { account: undefined, region: undefined });
    expect((JSON.parse(body) as AlertBody).distinct).toMatchObject({ values: values.slice(0, 100), more: 50 });
    expect(Buffer.byteLength(JSON.stringify({ default: body, email: text }))).toBeLessThan(128 * 1024);
  });

  it('stays on one printable line, with bounded values, when values are hostile', async () => {
    const hostile = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 200 })
      .map((text) => text.replace(/[ \t\n\r]/g, '\u0007'))
      .filter((text) => text.trim() !== '' && text !== '-');
    const format = formatOf(`${v2.names.join(' ')} vpc-id`);
    const rules = counting('vpc-id', 2);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(hostile, { minLength: 25, maxLength: 30 }), async (values) => {
        const flows = values.map((value) => flowOf({ 'vpc-id': value }, format));
        const [finding] = await findingsOf(flows, rules);
        const { distinct, line, text } = told(finding!);
        expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
        expect(text.split('\n').length).toBeLessThan(40);
        expect(line!.length).toBeLessThan(20 * 70);
        const { values: shown, hashes = [], more } = distinct!;
        expect(shown.length + hashes.length + more).toBe(Number(finding!.record.value));
      }),
      { numRuns: 20 },
    );
  });
});

describe('distinctText', () => {
  it('has bounded printable values, each on the same line, for any values', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 200 });
    const value = fc.oneof(anyText, fc.array(anyText, { minLength: 2, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const text = distinctText({ field: 'vpc-id', values, more: 0 }, false, 5);
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(text.length).toBeLessThanOrEqual(values.length * 66);
      }),
    );
  });
});

function ruleOf(also?: readonly string[]): Rule {
  const correlation = { type: 'value_count', field: 'dstport', ...(also && { also }), series: ['s'] } as const;
  return { ...defaultRules.rules.get('vertical_scan')!, correlation };
}

/** Returns what an alert lists of stored values. */
function listed(values: readonly string[], maxValues = 100, value = values.length, also?: readonly string[]) {
  const counter = { slots: new Map([['s', new Map([[0, new Set(values)]])]]) };
  return distinctValuesOf(ruleOf(also), { from: 0, to: 3780, value, multiple: 1 }, counter, maxValues);
}
