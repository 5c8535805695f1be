import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mmdbFile } from '../../support/mmdb-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../../..');
const tsv = readFileSync(join(root, 'events/regions/iptoasn/ip2asn.tsv'));
const networks = [{ first: 0xc000_0200n, length: 24, data: { country: 'DE' } }];
const mmdb = mmdbFile({ ipVersion: 4, recordSize: 24, networks });

/** Builds a table in a process of its own, which alone has a standard input. */
function build(input: Buffer, ...options: string[]) {
  const args = ['geo', 'build', '--from', '-', '--out', join(temporaryFolder(), 'geo.bin'), '--json', ...options];
  return spawnSync(process.execPath, [join(root, 'bin/flow-sentinel.js'), ...args], { input, encoding: 'utf8' });
}

describe('geo build --from -', () => {
  it('exits with 2 when lines of standard input have no day', () => {
    expect(build(tsv)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'flow-sentinel: the date of standard input is unknown; give it by --date, such as --date 2026-11-30\n',
    });
  });

  it('reads lines of standard input with a day', () => {
    const { status, stdout } = build(tsv, '--date', '2026-11-20');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ date: '2026-11-20', sources: ['standard input'] });
  });

  it('reads an MMDB file from standard input, which has its day', () => {
    const { status, stdout } = build(mmdb);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ date: '2026-11-29', sources: ['standard input of 2026-11-29'] });
  });
});
