import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowError } from '../../../lambda/common/errors.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { columnsOf, type DeltaColumns, deltasOf } from '../../../lambda/journal/delta-columns.ts';
import { mergeDeltas } from '../../../lambda/journal/merge-deltas.ts';
import { packPage, pageVersion, unpackPage } from '../../../lambda/journal/page.ts';
import { anyDeltas, anySeries } from './any-deltas.ts';
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
    expect(() => unpackPage(bomb)).toThrow(expect.objectContaining({ code: 'PAGE_INVALID' }));
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
