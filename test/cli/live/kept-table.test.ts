import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keptName, openKeptFolder, readKeptItems } from '../../../cli/live/kept-table.ts';
import { readCounter } from '../../../lambda/core/counter-item.ts';
import { packSlots } from '../../../lambda/core/packed-slots.ts';

it('keeps packed slots as an export of DynamoDB has bytes, and reads them again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-kept-'));
  try {
    const packed = packSlots(new Map([['71d5', new Map([[9_975_060, 300_000]])]]));
    const item = { pk: { S: 'pair#10.0.0.1#10.0.0.2' }, p: { B: packed }, v: { N: '1' } };
    const { keep } = await openKeptFolder(folder);
    await keep([item]);
    expect(JSON.parse(readFileSync(join(folder, keptName), 'utf8'))).toEqual({
      Item: { ...item, p: { B: Buffer.from(packed).toString('base64') } },
    });
    const [read] = await readKeptItems(folder);
    expect(readCounter(read!)).toEqual(readCounter(item));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
