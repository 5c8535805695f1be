import fc from 'fast-check';
import { maxAdditions } from '../../../lambda/aggregate/update-parts.ts';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import { type CounterKey, counterKey, pairKey, scopeOfKey } from '../../../lambda/counters/counter-key.ts';
import type { Addition, KeyDelta } from '../../../lambda/counters/delta.ts';
import type { SeriesProperties } from '../../../lambda/journal/columns/delta-columns.ts';
import { epoch } from '../../support/flows.ts';

/** Arbitrary deltas for tests of the journal, without evidence. */

export const anySeries: ReadonlyMap<string, SeriesProperties> = new Map<string, SeriesProperties>([
  ['c0c0', { slotSeconds: 60, measure: { kind: 'count' } }],
  ['b1b1', { slotSeconds: 45, measure: { kind: 'sum', field: 'bytes' } }],
  ['b2b2', { slotSeconds: 4320, measure: { kind: 'sum', field: 'bytes' } }],
  ['d3d3', { slotSeconds: 45, measure: { kind: 'distinct', field: 'dstport', cap: 6 } }],
  ['e4e4', { slotSeconds: 180, measure: { kind: 'presence' } }],
]);

/** Text of whole characters, also beyond ASCII: UTF-8 has no bytes for half of a surrogate pair. */
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('#', '%23', 'a#b', 'ü#€😀', ''));

const ipv4 = fc.oneof(fc.constantFrom('10.0.1.5', '10.0.1.6', '255.255.255.255', '0.0.0.0'), fc.ipV4());
const address = fc.oneof({ weight: 3, arbitrary: ipv4 }, fc.ipV6(), fc.constantFrom('*', '*:22', '10.0.0.01', '1.2.3'));

const anyKey: fc.Arbitrary<CounterKey> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(address, address).map(([src, dst]) => pairKey(src, dst)) },
  address.map((src) => counterKey(['srcaddr'], [src])),
  fc.tuple(address, fc.nat(9)).map(([src, port]) => counterKey(['dstport', 'srcaddr'], [String(port), src])),
  text.map((id) => counterKey(['interface-id'], [id])),
  fc.nat(3).map((n) => counterKey(['instance-tag'], [`${'long'.repeat(200)}${n}`])),
  fc
    .tuple(ipv4, ipv4, fc.constantFrom({ 'account-id': '-' }, { 'account-id': '123456789012', 'vpc-id': 'vpc-0a1b' }))
    .map(([src, dst, scope]) => pairKey(src, dst, scope)),
  fc.nat(3).map((n) => counterKey(['instance-tag'], [`${'long'.repeat(200)}${n}`], { 'account-id': '123456789012' })),
  fc.tuple(ipv4, ipv4).map(([src, dst]) => ({
    pk: pairKey(src, dst).pk,
    fields: new Map([
      ['dstaddr', src],
      ['srcaddr', dst],
    ]),
  })),
  fc.tuple(text, fc.array(fc.tuple(text, text), { maxLength: 3 })).map(([pk, fields]) => {
    const scope = scopeOfKey(pk);
    return { pk, fields: new Map(fields), ...(scope && { scope }) };
  }),
);

const quantity: fc.Arbitrary<Quantity> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(3000) },
  fc.maxSafeNat(),
  fc.bigInt({ min: 2n ** 53n, max: 10n ** 37n }),
);

const time = fc.oneof(fc.integer({ min: epoch, max: epoch + 400 }), fc.nat(9_999_999_999));

const anyAddition = (last: number, bytes: Quantity): fc.Arbitrary<Addition> =>
  fc
    .record({
      id: fc.constantFrom(...anySeries.keys()),
      // Most flows end shortly before the last one; a late one may belong to any slot.
      back: fc.oneof({ weight: 5, arbitrary: fc.nat(2) }, fc.integer({ min: -3, max: 2000 })),
      amount: fc.oneof(fc.constantFrom<Quantity>(1, bytes), quantity),
      values: fc.uniqueArray(fc.constantFrom('22', '443', '80', '8080', '53', '123', 'ü', ''), {
        minLength: 1,
        maxLength: 6,
      }),
    })
    .map(({ id, back, amount, values }): Addition => {
      const { slotSeconds, measure } = anySeries.get(id)!;
      const slot = Math.max(0, Math.floor(last / slotSeconds) - back);
      if (measure.kind === 'distinct') return { series: id, slot, values, cap: measure.cap };
      return { series: id, slot, amount: measure.kind === 'presence' ? 1 : amount };
    });

const deltaOf = (key: CounterKey): fc.Arbitrary<KeyDelta> =>
  fc
    .record({ last: time, duration: fc.nat(600), bytes: quantity, rejects: fc.nat(50) })
    .chain(({ last, duration, bytes, rejects }) =>
      fc.record({
        key: fc.constant(key),
        part: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(40)),
        totals: fc.option(fc.constant({ bytes, rejects }), { nil: undefined }),
        firstSeen: fc.constant(Math.max(0, last - duration)),
        lastSeen: fc.constant(last),
        additions: fc.array(anyAddition(last, bytes), { maxLength: maxAdditions, size: 'small' }),
        evidence: fc.constant(new Map()),
        overflowPairs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(200_000)),
      }),
    );

export const anyDelta: fc.Arbitrary<KeyDelta> = anyKey.chain(deltaOf);
export const anyDeltas: fc.Arbitrary<KeyDelta[]> = fc.array(anyDelta, { maxLength: 30 });

/** Deltas of a few keys, so that many are of the same key. */
const fewKeys = [
  pairKey('10.0.1.5', '10.0.2.7'),
  pairKey('fc00::1', '10.0.2.7'),
  counterKey(['srcaddr'], ['10.0.1.5']),
  counterKey(['interface-id'], ['eni-0#']),
  counterKey(['instance-tag'], ['long'.repeat(200)]),
];
export const deltasOfFewKeys: fc.Arbitrary<KeyDelta[]> = fc.array(fc.constantFrom(...fewKeys).chain(deltaOf), {
  maxLength: 12,
});
