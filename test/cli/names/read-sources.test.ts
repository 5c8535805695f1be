import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { buildGeo } from '../../../cli/geo/build-geo.ts';
import { readSources, sourceWords } from '../../../cli/names/read-sources.ts';
import { described } from '../../support/describe-answers.ts';
import { resolverLine } from '../../support/dns-queries.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const daySeconds = 86_400;
const now = Math.floor(Date.now() / 1000);

/** Builds a table of data of some days ago. */
async function builtTable(days: number): Promise<string> {
  const from = join(folder, 'ip2asn.tsv');
  writeFileSync(from, '198.51.100.0\t198.51.100.255\t64496\tDE\tMADE-UP Example\n');
  const out = join(folder, `geo-${days}.bin`);
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await buildGeo({ from: [from], out, date: now - days * daySeconds, json: true }, now);
  stdout.mockRestore();
  stderr.mockRestore();
  return out;
}

/** Returns what a call writes to standard error. */
async function errorOutput(call: () => Promise<unknown>): Promise<string> {
  let written = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  await call();
  spy.mockRestore();
  return written;
}

describe('readSources', () => {
  it('reads only what the options name', async () => {
    expect(await readSources({})).toEqual({});
    const names = join(folder, 'names.json');
    writeFileSync(names, JSON.stringify({ NetworkInterfaces: [described()] }));
    expect(Object.keys(await readSources({ names }))).toEqual(['names']);
    const dns = join(folder, 'dns.log');
    writeFileSync(dns, resolverLine());
    expect(Object.keys(await readSources({ dns: [dns] }))).toEqual(['dns']);
    const { regions } = await readSources({ geo: await builtTable(1) });
    expect(regions?.lookup('198.51.100.7')).toEqual({ country: 'DE', asn: 64_496, asName: 'MADE-UP Example' });
  });

  it('warns only when the data of a table is older than 45 days', async () => {
    const [young, old] = [await builtTable(45), await builtTable(46)];
    expect(await errorOutput(() => readSources({ geo: young }))).toBe('');
    expect(await errorOutput(() => readSources({ geo: old }))).toContain(`${old}: the data of `);
    expect(await errorOutput(() => readSources({ geo: old }))).toContain(' is 46 days old');
  });

  it('throws an error that names the file when it is not a table', async () => {
    const other = join(folder, 'other.bin');
    writeFileSync(other, 'something else');
    expect(statSync(other).size).toBeGreaterThan(0);
    await expect(readSources({ geo: other })).rejects.toThrow(`${other}: `);
    await expect(readSources({ geo: join(folder, 'missing') })).rejects.toThrow(
      'cannot be read: no such file or folder',
    );
  });
});

describe('sourceWords', () => {
  it('returns the options that are given', () => {
    expect(sourceWords({ names: 'a', geo: 'b', dns: ['c', 'd'] })).toEqual([
      '--names',
      'a',
      '--geo',
      'b',
      '--dns',
      'c',
      '--dns',
      'd',
    ]);
    expect(sourceWords({})).toEqual([]);
  });
});
