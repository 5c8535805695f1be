import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteOf } from '../../../lambda/counters/batch.ts';
import type { EventRecord } from '../../../lambda/decode/firehose-event.ts';
import { identifyBatch } from '../../../lambda/parse/batch-identity.ts';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { formatOf, lineOf, v2 } from '../../support/flows.ts';

const untimed = formatOf('srcaddr dstaddr bytes action');
const payload = (text: string) => Buffer.from(text).toString('base64');
/** In the first three bits of a token. */
const tokenVersion = 1;
const manyLines = payload(`${lineOf()}\n`.repeat(1000));

const anyPayload = fc.oneof(
  fc.constantFrom(lineOf(), lineOf({}, untimed), 'nonsense', '').map(payload),
  fc.constant(manyLines),
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(7, { a: 1 }, undefined),
);
const anyRecords = fc
  .array(fc.record({ data: anyPayload, arrival: fc.option(fc.nat({ max: 3 }), { nil: undefined }) }), { maxLength: 8 })
  .map((some) => some.map((record, index) => ({ recordId: String(index), ...record })));
const identified = (records: readonly EventRecord[]) => identifyBatch(records, readRecords(records, [v2, untimed]));

/** Returns what must decide whether two batches are the same. */
const contentOf = (records: readonly EventRecord[]) =>
  JSON.stringify(records.map(({ data, arrival }) => [String(data), data === payload(lineOf({}, untimed)) && arrival]));

describe('identifyBatch', () => {
  it('returns equal tokens only for equal payloads in the same order, with the arrival of flows without a time', () => {
    fc.assert(
      fc.property(anyRecords, anyRecords, (records, others) => {
        const { dedupToken } = identified(records);
        const again = records.map(({ data, arrival }, index) => ({ recordId: `again-${index}`, data, arrival }));
        expect(identified(again).dedupToken).toBe(dedupToken);
        fc.pre(contentOf(records) !== contentOf(others));
        expect(identified(others).dedupToken).not.toBe(dedupToken);
      }),
    );
  });

  it('returns the same tokens for payloads in base64 and in bytes', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(lineOf(), lineOf({}, untimed), JSON.stringify({ message: lineOf() })),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (texts) => {
        const recordsOf = (dataOf: (bytes: Buffer) => unknown) =>
          texts.map((one) => ({ recordId: 'r', data: dataOf(Buffer.from(one)), arrival: 7 }));
        expect(identified(recordsOf((bytes) => bytes))).toEqual(
          identified(recordsOf((bytes) => bytes.toString('base64'))),
        );
      }),
    );
  });

  it('returns a version and a hash of the payloads, one per line', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const hash = createHash('sha256');
        for (const { data, arrival } of records) {
          const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? '');
          hash.update(text === payload(lineOf({}, untimed)) ? `${text} ${arrival}\n` : `${text}\n`);
        }
        const digest = hash.digest();
        digest[0] = (tokenVersion << 5) | (digest[0]! & 0b11111);
        expect(identified(records).dedupToken).toBe(digest.toString('base64url').slice(0, 8));
      }),
    );
  });
});

describe('minuteOf', () => {
  it('returns the complete minutes since the epoch', () => {
    expect([0, 59, 60, 1_795_510_859].map((arrival) => minuteOf({ dedupToken: '', arrival }))).toEqual([
      0, 0, 1, 29_925_180,
    ]);
  });
});
