import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteOf } from '../../../lambda/counters/batch.ts';
import { identifyBatch } from '../../../lambda/parse/batch-identity.ts';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { formatOf, lineOf, v2 } from '../../support/flows.ts';

const untimed = formatOf('srcaddr dstaddr bytes action');
const payload = (text: string) => Buffer.from(text).toString('base64');
/** In the first three bits of a token. */
const tokenVersion = 1;
const manyLines = payload(`${lineOf()}\n`.repeat(1000));

describe('identifyBatch', () => {
  it('returns a version and a hash of the payloads, one per line, with the arrival of flows without a time', () => {
    const anyPayload = fc.oneof(
      fc.constantFrom(lineOf(), lineOf({}, untimed), 'nonsense').map(payload),
      fc.constant(manyLines),
      fc.string({ unit: 'binary' }),
      fc.constantFrom<unknown>(7, { a: 1 }, undefined),
    );
    const anyRecord = fc.record({ data: anyPayload, arrival: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 8 }), (some) => {
        const records = some.map((record, index) => ({ recordId: String(index), ...record }));
        const hash = createHash('sha256');
        for (const { data, arrival } of records) {
          const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? '');
          hash.update(text === payload(lineOf({}, untimed)) ? `${text} ${arrival}\n` : `${text}\n`);
        }
        const { dedupToken } = identifyBatch(records, readRecords(records, [v2, untimed]));
        const digest = hash.digest();
        digest[0] = (tokenVersion << 5) | (digest[0]! & 0b11111);
        expect(dedupToken).toBe(digest.toString('base64url').slice(0, 8));
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
