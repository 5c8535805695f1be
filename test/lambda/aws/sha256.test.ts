import { createHash, createHmac } from 'node:crypto';
import { Sha256 as OfSdk } from '@smithy/core/checksum';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sha256 } from '../../../lambda/aws/sha256.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const secret = fc.option(fc.oneof(fc.string(), bytes), { nil: undefined });

async function digestOf(hash: Sha256 | OfSdk, parts: readonly Uint8Array[]): Promise<string> {
  for (const part of parts) hash.update(part);
  return Buffer.from(await hash.digest()).toString('hex');
}

describe('Sha256', () => {
  it("gives the digests of the SDK's class and of Node.js, with and without a key", async () => {
    await fc.assert(
      fc.asyncProperty(secret, fc.array(bytes, { maxLength: 3 }), async (key, parts) => {
        const digest = await digestOf(new Sha256(key), parts);

        expect(digest).toBe(await digestOf(new OfSdk(key), parts));
        const node = key ? createHmac('sha256', key) : createHash('sha256');
        expect(digest).toBe(node.update(Buffer.concat(parts)).digest('hex'));
      }),
    );
  });

  it('accepts a key twice, and keys of other types', async () => {
    const key = Uint8Array.from({ length: 40 }, (_, index) => index).subarray(4, 36);
    const data = [Buffer.from('data')];
    const expected = createHmac('sha256', key).update(data[0]!).digest('hex');

    for (const same of [key, key, key.slice().buffer]) expect(await digestOf(new Sha256(same), data)).toBe(expected);
  });

  it('gives the same digest again after a reset', async () => {
    const hash = new Sha256('key');
    const digests = [await digestOf(hash, [Buffer.from('data')])];
    hash.reset();

    digests.push(await digestOf(hash, [Buffer.from('data')]));
    expect(digests[1]).toBe(digests[0]);
  });
});
