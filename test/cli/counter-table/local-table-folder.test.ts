import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCounterFolder, readStoredItems } from '../../../cli/counter-table/local-table-folder.ts';
import { truncate } from '../../../lambda/common/text.ts';
import { readCounter } from '../../../lambda/count/counter-item.ts';
import { packSlots } from '../../../lambda/counters/packed-slots.ts';

it('stores packed slots in the format of a DynamoDB export, and restores them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-counters-'));
  try {
    const packed = packSlots(new Map([['71d5', new Map([[9_975_060, 300_000]])]]));
    const item = { pk: { S: 'pair#10.0.0.1#10.0.0.2' }, p: { B: packed }, v: { N: '1' } };
    const { save } = await openCounterFolder(folder);
    await save([item]);
    expect(JSON.parse(readFileSync(join(folder, 'counters.json'), 'utf8'))).toEqual({
      Item: { ...item, p: { B: Buffer.from(packed).toString('base64') } },
    });
    const [read] = await readStoredItems(folder);
    expect(readCounter(read!)).toEqual(readCounter(item));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['an invalid number', { bytes: { N: 'many' } }],
  ['a null attribute', { bytes: null }],
  ['an attribute of two types', { bytes: { N: '1', S: '1' } }],
  ['an alert record that is a text', { 'a:rule:1': 'x' }],
])('rejects with the file and the line when an item has %s', async (_, attributes) => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-counters-'));
  try {
    const item = { pk: { S: 'pair#10.0.0.1#10.0.0.2' }, bytes: { N: '5' } };
    const path = join(folder, 'counters.json');
    const lines = [item, { ...item, ...attributes }].map((one) => `${JSON.stringify({ Item: one })}\n`);
    writeFileSync(path, lines.join(''));
    const message = `${path} line 2 is invalid: got ${JSON.stringify(truncate(lines[1]!.trimEnd(), 60))}, expected {"Item": ...}`;
    await expect(readStoredItems(folder)).rejects.toMatchObject({ name: 'InputError', message });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
