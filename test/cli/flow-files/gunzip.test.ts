import { constants, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressed } from '../../../cli/flow-files/gunzip.ts';

async function* cut(bytes: Buffer, at: readonly number[]): AsyncGenerator<Buffer> {
  const places = [...new Set([0, ...at.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  for (const [index, place] of places.entries()) {
    const part = bytes.subarray(place, places[index + 1]);
    if (part.length > 0) yield Buffer.from(part);
  }
}

async function expanded(chunks: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; problem?: string }> {
  const parts: Buffer[] = [];
  try {
    for await (const part of decompressed(chunks)) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), problem: (error as Error).message };
  }
  return { bytes: Buffer.concat(parts) };
}

const numbers = Buffer.from(Array.from({ length: 20_000 }, (_, n) => `${n * 7919} `).join(''));

const anyCuts = fc.array(fc.nat(10_000), { maxLength: 10 });

describe('decompressed', () => {
  it('passes uncompressed bytes through', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), anyCuts, async (content, cuts) => {
        const bytes = Buffer.from(content);
        fc.pre(!(bytes[0] === 0x1f && bytes[1] === 0x8b));
        expect((await expanded(cut(bytes, cuts))).bytes.equals(bytes)).toBe(true);
      }),
    );
  });

  it('expands all members, regardless of the chunks', async () => {
    const anyText = fc.string({ maxLength: 300 }).filter((text) => !text.startsWith('\u001f'));
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 4 }), anyCuts, async (texts, cuts) => {
        const bytes = Buffer.concat(texts.map((text) => gzipSync(text)));
        expect(await expanded(cut(bytes, cuts))).toEqual({ bytes: Buffer.from(texts.join('')) });
      }),
    );
  });

  it('yields all bytes that can be expanded, then rejects, when the gzip is cut off', async () => {
    const complete = gzipSync(numbers);
    for (const length of [20, 1000, 17_000, complete.length - 9, complete.length - 1]) {
      const part = complete.subarray(0, length);
      const { bytes, problem } = await expanded(cut(part, [500, 9000]));
      expect(problem).toBe('its gzip is cut off; the rest is missing, download the file again');
      expect(bytes.equals(gunzipSync(part, { finishFlush: constants.Z_SYNC_FLUSH }))).toBe(true);
    }
  });

  it('rejects when the bytes are corrupt', async () => {
    const complete = gzipSync(numbers);
    complete.fill(0xff, 40_000, 40_100);
    const { bytes, problem } = await expanded(cut(complete, []));
    expect(problem).toMatch(/^its gzip is corrupt \(.+\); the rest is missing/);
    expect(bytes.length).toBeGreaterThan(10_000);
  });

  it('ignores bytes after the last member, as gzip does', async () => {
    const bytes = Buffer.concat([gzipSync('content'), Buffer.alloc(600), Buffer.from('padding')]);
    expect(await expanded(cut(bytes, []))).toEqual({ bytes: Buffer.from('content') });
  });
});
