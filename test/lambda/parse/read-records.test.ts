import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../../lambda/decode/firehose-event.ts';
import { flowsOf, linesOf, type ReadRecord, readRecords } from '../../../lambda/parse/read-records.ts';
import { lineOf, plainLine, v2 } from '../../support/flows.ts';
import { byTier } from '../../support/tier.ts';

const payload = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');
const batchOf = (messages: readonly string[]): string =>
  payload(
    gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: messages.map((message) => ({ message })) })),
  );
const recordsOf = (payloads: readonly unknown[]): EventRecord[] =>
  payloads.map((data, index) => ({ recordId: String(index), data, arrival: 1 }));
const kindsOf = (payloads: readonly unknown[]) =>
  readRecords(recordsOf(payloads), [v2]).records.map(({ outcome }) => outcome.kind);

const comparable = (record: ReadRecord) => ({
  recordId: record.recordId,
  data: record.data,
  outcome: record.outcome.kind === 'lines' ? linesOf(record).map(plainLine) : record.outcome,
  flows: flowsOf(record).map(({ values }) => values),
});

/** Small records that expand to the limits of a batch: in lines, with and without a flow among them, or in bytes. */
const bombs = {
  lines: batchOf(['x\n'.repeat(200_000)]),
  'lines and a flow': batchOf([lineOf(), 'x\n'.repeat(199_990)]),
  bytes: payload(gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))),
  'lines of text': payload('x\n'.repeat(200_000)),
};
const ordinary = {
  line: payload(lineOf()),
  message: payload(JSON.stringify({ message: lineOf() })),
  batch: batchOf(Array.from({ length: 300 }, () => lineOf())),
};

describe('readRecords', () => {
  it.each(Object.entries(bombs))('reads the other records when one exhausts the budget in %s', (_, bomb) => {
    expect(kindsOf([bomb, ...Object.values(ordinary)]).slice(1)).toEqual(['lines', 'lines', 'lines']);
  });

  it('reads ordinary records beside any bombs and in any order', () => {
    const anyPayload = fc.constantFrom(
      ...Object.values(bombs),
      ...Object.values(ordinary),
      payload('nonsense'),
      'no base64!',
    );
    fc.assert(
      fc.property(fc.array(anyPayload, { minLength: 1, maxLength: 12, size: 'max' }), (payloads) => {
        const kinds = kindsOf(payloads);
        for (const [index, data] of payloads.entries()) {
          if (Object.values(ordinary).includes(data)) expect(kinds[index]).toBe('lines');
        }
      }),
      { numRuns: byTier(4, 12), examples: [[[bombs['lines and a flow'], ordinary.batch]]] },
    );
  });

  it('reads a record that exceeds its share beside 4,000 unreadable records', () => {
    const junk = payload(gzipSync('{"no": "batch"}'.padEnd(4096)));
    expect(kindsOf([...Array.from({ length: 4000 }, () => junk), ordinary.batch]).at(-1)).toBe('lines');
  });

  it('reads each record as it would alone when the budget suffices', () => {
    const anyPayload = fc.constantFrom(...Object.values(ordinary), payload('nonsense'), payload('\n'), '', 7);
    fc.assert(
      fc.property(fc.array(anyPayload, { maxLength: 40, size: 'max' }), (payloads) => {
        const records = recordsOf(payloads);
        const alone = records.flatMap((record) => readRecords([record], [v2]).records);
        expect(readRecords(records, [v2]).records.map(comparable)).toEqual(alone.map(comparable));
      }),
      { numRuns: byTier(10, 30) },
    );
  });

  it('reads a record that needs nearly the complete budget', () => {
    const large = batchOf(Array.from({ length: 100_000 }, () => lineOf()));
    expect(kindsOf([...Array.from({ length: 50 }, () => ordinary.line), large])).toEqual(Array(51).fill('lines'));
  });
});
