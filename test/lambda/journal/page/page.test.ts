import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowError } from '../../../../lambda/common/errors.ts';
import { counterKey, pairKey } from '../../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../../lambda/counters/delta.ts';
import { columnsOf, type DeltaColumns, deltasOf, sliceRows } from '../../../../lambda/journal/columns/delta-columns.ts';
import { mergeDeltas } from '../../../../lambda/journal/columns/merge-deltas.ts';
import { packPage, packReadable, pageVersion, unpackPage } from '../../../../lambda/journal/page/page.ts';
import { anyDeltas, anySeries } from '../any-deltas.ts';
import { deltasOfVersion1 } from './page-v1.ts';

const byKey = (a: KeyDelta, b: KeyDelta) => (a.key.pk < b.key.pk ? -1 : a.key.pk > b.key.pk ? 1 : a.part - b.part);
const packed = (deltas: readonly KeyDelta[]) => packPage(columnsOf(deltas, anySeries));

/** Returns the deltas of a page; undefined if the page is refused. */
function unpacked(page: Uint8Array): KeyDelta[] | undefined {
  let columns: DeltaColumns;
  try {
    columns = unpackPage(page);
  } catch (error) {
    expect(error).toBeInstanceOf(FlowError);
    expect(['PAGE_VERSION', 'PAGE_INVALID']).toContain((error as FlowError).code);
    return undefined;
  }
  return deltasOf(columns);
}

/** Reads everything of a page as a flush would. */
function use(page: Uint8Array): void {
  const deltas = unpacked(page);
  if (!deltas) return;
  for (const { additions, evidence, firstSeen, lastSeen } of deltas) {
    expect(Number.isFinite(firstSeen) && Number.isFinite(lastSeen)).toBe(true);
    for (const addition of additions) expect('amount' in addition ? addition.amount : addition.values).toBeDefined();
    for (const { values, samples, truncatedFields } of evidence.values()) {
      expect(values.size + samples.length + truncatedFields.size).toBeLessThan(100);
    }
  }
  const merged = mergeDeltas([unpackPage(page), unpackPage(page)]);
  expect(merged.pks.length).toBeLessThan(100_000);
}

describe('a page', () => {
  it('unpacks to the packed deltas, sorted by key and part', () => {
    fc.assert(
      fc.property(anyDeltas, (deltas) => {
        expect(unpacked(packed(deltas))).toEqual(deltas.toSorted(byKey));
      }),
    );
  });

  it('has the version as its first byte', () => {
    expect(packed([])[0]).toBe(pageVersion);
    expect(() => unpackPage(Uint8Array.of(pageVersion + 1, 1, 2, 3))).toThrow(
      expect.objectContaining({
        code: 'PAGE_VERSION',
        message: expect.stringContaining(`got version ${pageVersion + 1}`),
      }),
    );
  });

  it('is refused when it has no bytes', () => {
    expect(() => unpackPage(new Uint8Array())).toThrow(expect.objectContaining({ code: 'PAGE_INVALID' }));
  });

  it('is refused when its content inflates beyond the limit', () => {
    const bomb = Buffer.concat([Uint8Array.of(pageVersion), deflateRawSync(Buffer.alloc(20 * 1024 * 1024))]);
    expect(() => unpackPage(bomb)).toThrow(
      expect.objectContaining({ code: 'PAGE_INVALID', message: expect.stringContaining('cannot be inflated') }),
    );
  });

  it('is packed by packReadable when it fits, and not when it is too long or has more content than a reader accepts', () => {
    const deltaOf = (value: string): KeyDelta => ({
      key: counterKey(['interface-id'], [value]),
      ...{ part: 0, totals: undefined, firstSeen: 0, lastSeen: 0, overflowPairs: 0 },
      ...{ additions: [], evidence: new Map() },
    });
    const columns = columnsOf(
      Array.from({ length: 1500 }, (_, n) => deltaOf(`${'€'.repeat(4000)}${n}`)),
      anySeries,
    );
    expect(packPage(columns).length).toBeLessThan(100_000);
    expect(packReadable(columns, 100_000)).toBeUndefined();
    const few = sliceRows(columns, 0, 100);
    expect(packReadable(few, 100_000)).toEqual(packPage(few));
    expect(packReadable(few, packPage(few).length - 1)).toBeUndefined();
  });

  it('is refused when a few bytes refer to much more content than they hold', () => {
    // A shape with 60,000 additions of which 100,000 rows refer to each one.
    const leb = (value: number): number[] =>
      value < 128 ? [value] : [(value % 128) | 128, ...leb(Math.floor(value / 128))];
    const additions = Array.from({ length: 60_000 }, () => 1);
    const shapes = [1, ...leb(60_001), ...leb(60_000), ...additions];
    const rows = 100_000;
    const head = [...leb(rows), ...leb(1000), 1, 1, 97, 60, 0, ...shapes, 0, 0];
    const content = Buffer.concat([
      Uint8Array.from(head),
      Buffer.alloc(rows),
      Buffer.alloc(8 * rows),
      Buffer.alloc(3 * rows),
    ]);
    const page = Buffer.concat([Uint8Array.of(pageVersion), deflateRawSync(content)]);
    expect(() => unpackPage(page)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('got more content') }),
    );
  });

  /** Returns a page of one pair with one addition. */
  const crafted = ({
    slotSeconds = 60,
    kind = [0],
    codes = [1, 0],
    row = 4,
    bytes = [5],
    shape = 0,
    samples = [0],
    rest = [] as number[],
  }) => {
    const tables = [1, 100, 1, 1, 97, slotSeconds, ...kind, 1, codes.length, ...codes, 0, ...samples];
    const content = [...tables, row, 10, 0, 1, 5, 10, 0, 2, 7, ...bytes, 0, 0, 0, shape, ...rest];
    return Buffer.concat([Uint8Array.of(pageVersion), deflateRawSync(Uint8Array.from(content))]);
  };

  it('unpacks when it is written by hand', () => {
    expect(unpacked(crafted({}))).toMatchObject([
      { key: pairKey('10.0.1.5', '10.0.2.7'), lastSeen: 100, additions: [{ series: 'a', slot: 1, amount: 5 }] },
    ]);
  });

  it.each([
    ['a slot has no length', { slotSeconds: 0 }, 'slots of 0 s'],
    ['a set has an amount', { kind: [3, 9] }, 'values without a set'],
    ['a count has values', { codes: [1, 4], rest: [0] }, 'values without a set'],
    ['a kind of series is unknown', { kind: [4] }, 'a kind of series 4'],
    ['a number is too long', { bytes: Array.from({ length: 40 }, () => 128) }, 'a longer number'],
    ['a shape is missing', { shape: 1 }, 'a shape 1'],
    ['a shape is shorter than its count', { codes: [2, 0] }, 'a short shape'],
    ['evidence repeats nothing', { codes: [1, 0, 1] }, 'invalid evidence'],
    ['a row has unknown flags', { row: 64 }, 'a kind of row 64'],
    ['a sample has a word that the table lacks', { samples: [1, 0, 0, 0, 0] }, 'a new entry'],
    ['bytes follow the content', { rest: [0] }, '1 further bytes'],
  ])('is refused when %s', (_, values, problem) => {
    const expected = { code: 'PAGE_INVALID', message: expect.stringContaining(`got ${problem}`) };
    expect(() => unpackPage(crafted(values))).toThrow(expect.objectContaining(expected));
  });

  it('is refused when a key shares more characters than the key before it has', () => {
    const page = (shared: number) => {
      const content = [1, 100, 0, 1, 1, 0, 0, 0, 1, shared, 5, ...Buffer.from('src#a'), 0, 0, 0];
      return Buffer.concat([Uint8Array.of(pageVersion), deflateRawSync(Uint8Array.from(content))]);
    };
    expect(unpacked(page(0))).toMatchObject([{ key: counterKey(['srcaddr'], ['a']) }]);
    expect(() => unpackPage(page(1))).toThrow(/got 1 shared characters/);
  });

  it('keeps whole characters when two keys differ within a surrogate pair', () => {
    const keys = ['a😀', 'a😁'].map((name) => counterKey(['instance-tag'], [name]));
    const deltas = keys.map((key) => ({ ...deltasOfVersion1[0]!, key, evidence: new Map() }));
    expect(unpacked(packed(deltas))!.map(({ key }) => key)).toEqual(keys);
  });

  it('is refused, or gives deltas, when any bytes follow the version', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        use(Uint8Array.of(pageVersion, ...bytes));
        use(Buffer.concat([Uint8Array.of(pageVersion), deflateRawSync(bytes)]));
      }),
    );
  });

  it('is refused, or gives deltas, when bytes of it are changed or missing', () => {
    const edits = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(anyDeltas, edits, fc.nat(2000), fc.boolean(), (deltas, changes, end, isCut) => {
        const page = packed(deltas);
        const content = Buffer.from(inflateRawSync(page.subarray(1)));
        for (const bytes of [content, page]) {
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
        }
        use(isCut ? page.subarray(0, end % page.length) : page);
        const cut = isCut ? content.subarray(0, end % content.length) : content;
        use(Buffer.concat([Uint8Array.of(pageVersion), deflateRawSync(cut)]));
      }),
    );
  });
});

/** Returns a delta with evidence that can be compared: without flows, whose values are read from text. */
function plain({ evidence, ...delta }: KeyDelta) {
  const entries = [...evidence].map(([series, { flows, values, truncatedFields, hasPacketAddresses }]) => {
    return [series, { flows, values: new Map([...values].sort()), truncatedFields, hasPacketAddresses }];
  });
  return { ...delta, evidence: entries };
}

describe('a page of version 1', () => {
  it('unpacks to the deltas that the release wrote', () => {
    const page = readFileSync(join(import.meta.dirname, 'page-v1.bin'));
    expect(page[0]).toBe(1);
    expect(unpacked(page)!.map(plain)).toEqual(deltasOfVersion1.toSorted(byKey).map(plain));
  });
});
