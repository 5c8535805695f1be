import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { described } from '../../support/describe-answers.ts';
import { eventOf, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const event = join(folder, 'event.json');
writeFileSync(event, JSON.stringify(eventOf([...Array.from({ length: 11 }, () => lineOf({ action: 'REJECT' })), 'x'])));

function dataOf(path: string, id = 'report-data'): Record<string, unknown> {
  const [, json] = new RegExp(`id="${id}">([^<]*)<`).exec(readFileSync(path, 'utf8'))!;
  return JSON.parse(json!) as Record<string, unknown>;
}

describe('invoke --report', () => {
  it('writes a report of the printed run', async () => {
    const path = join(folder, 'report.html');
    const { code, stdout } = await run('invoke', event, '--report', path);
    expect(code).toBe(0);
    expect(stdout).toBe((await run('invoke', event)).stdout);
    expect(dataOf(path)).toMatchObject({
      command: `npx flow-sentinel invoke ${event}`,
      sources: [{ name: event, kind: 'Firehose event', records: 12 }],
      records: { flows: 11, counted: 11, rejects: 11, unreadable: 1, reasons: [{ example: '{"message":"x"}\n' }] },
      hunt: { words: [event] },
      pairCount: 1,
    });
    expect(dataOf(path, 'report-pairs')).toMatchObject({
      ...{ addresses: ['10.0.1.5', '10.0.2.7'], src: [0], dst: [1] },
      ...{ bytes: [0], rejects: [11] },
    });
    expect(dataOf(path, 'report-hosts')).toMatchObject({ hosts: [{ address: '10.0.1.5' }, { address: '10.0.2.7' }] });
  });

  it('reads failed records with the formats of the run', async () => {
    const path = join(folder, 'formats.html');
    await run('invoke', event, '--report', path, '--format', 'srcaddr dstaddr');
    expect(dataOf(path)).toMatchObject({
      command: `npx flow-sentinel invoke ${event} --format 'srcaddr dstaddr'`,
      records: { unreadable: 12, reasons: [{ reason: 'the line has 14 fields, expected 2', lines: 11 }, { lines: 1 }] },
    });
  });

  it('has the names and the countries of the addresses when options name sources', async () => {
    const samples = join(import.meta.dirname, '../../../events/regions');
    const geo = join(folder, 'geo.bin');
    const built = await run(
      ...['geo', 'build', '--from', join(samples, 'iptoasn/ip2asn.tsv'), '--date', '2026-11-20', '--out', geo],
    );
    expect(built.code).toBe(0);
    const names = join(folder, 'names.json');
    writeFileSync(names, JSON.stringify({ NetworkInterfaces: [described()] }));
    const outgoing = join(folder, 'outgoing.json');
    writeFileSync(outgoing, JSON.stringify(eventOf([lineOf({ dstaddr: '192.0.2.10', bytes: 7 })])));
    const logs = join(folder, 'outgoing.log');
    writeFileSync(logs, `${lineOf({ dstaddr: '192.0.2.10', bytes: 7 })}\n`);
    for (const command of [
      ['invoke', outgoing],
      ['replay', logs],
    ]) {
      const path = join(folder, `${command[0]}-known.html`);
      expect((await run(...command, '--names', names, '--geo', geo, '--report', path)).code).toBe(0);
      expect(dataOf(path)).toMatchObject({
        outside: { rows: [{ country: 'DE', asn: 64_496, bytesOut: 7, flows: 1, insideHosts: 1, outsideAddresses: 1 }] },
      });
      expect(dataOf(path, 'report-addresses')).toMatchObject({
        ...{ of: [0, 1], who: [0, -1], region: [-1, 0] },
        ...{ interfaces: [{ interface: 'eni-0a' }], regions: [{ country: 'DE' }] },
      });
    }
  });

  it('reports an unwritable file before the work', async () => {
    const { code, stdout, stderr } = await run('invoke', event, '--report', join(folder, 'none', 'report.html'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/none\/report\.html cannot be written: its folder does not exist/);
  });

  it('leaves no file when the work fails', async () => {
    const empty = mkdtempSync(join(folder, 'failed-'));
    const { code } = await run('invoke', event, '--report', join(empty, 'report.html'), '--rules', '/nowhere');
    expect(code).toBe(2);
    expect(readdirSync(empty)).toEqual([]);
  });
});

describe('demo', () => {
  const name = 'flow-sentinel-demo.html';

  const { TMPDIR } = process.env;
  const start = process.cwd();
  afterEach(() => {
    process.chdir(start);
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });

  /** Runs the demo in a new folder, with another new folder for temporary files. */
  async function demo(taken: { here: boolean; temporary: boolean }) {
    const [here, temporary] = [mkdtempSync(join(folder, 'here-')), mkdtempSync(join(folder, 'temporary-'))];
    if (taken.here) mkdirSync(join(here, name));
    if (taken.temporary) mkdirSync(join(temporary, name));
    process.chdir(here);
    process.env.TMPDIR = temporary;
    const { code, stdout } = await run('demo');
    return { code, last: stdout.trimEnd().split('\n').slice(-3), here, temporary };
  }

  it('writes a report to the current folder and prints the next steps', async () => {
    const { code, last, here } = await demo({ here: false, temporary: false });
    expect(code).toBe(0);
    expect(last).toEqual([
      `The same as a self-contained HTML report: open ${name}`,
      '',
      'Try your own: npx flow-sentinel make-event LOGFILE > event.json && npx flow-sentinel invoke event.json --report report.html',
    ]);
    expect(dataOf(join(here, name))).toMatchObject({ command: 'npx flow-sentinel demo' });
    expect(readdirSync(here)).toEqual([name]);
  });

  it('exits with 0 when it must write the report to the temporary folder, or nowhere', async () => {
    const elsewhere = await demo({ here: true, temporary: false });
    const nowhere = await demo({ here: true, temporary: true });
    expect([elsewhere.code, nowhere.code]).toEqual([0, 0]);
    expect(elsewhere.last[0]).toBe(`The same as a self-contained HTML report: open ${join(elsewhere.temporary, name)}`);
    expect(existsSync(join(elsewhere.temporary, name))).toBe(true);
    expect(nowhere.last.at(-1)).toMatch(/^Try your own: /);
    expect(nowhere.last.join('\n')).not.toContain(name);
  });
});
