import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { readDnsLogs } from '../../../cli/dns/read-dns-logs.ts';
import { resolverLine } from '../../support/dns-queries.ts';
import { epoch } from '../../support/flows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const window = { from: epoch, to: epoch + 3600 };
let files = 0;

function write(content: string | Buffer): string {
  files += 1;
  const path = join(folder, `${files}.log`);
  writeFileSync(path, content);
  return path;
}

/** Reads logs, and returns what the command says on standard error. */
async function read(...paths: string[]) {
  let errors = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
  try {
    return { table: await readDnsLogs(paths), errors };
  } finally {
    spy.mockRestore();
  }
}

const zeek = (...rows: string[][]) =>
  [
    '#separator \\x09',
    '#set_separator\t,',
    '#path\tdns',
    '#fields\tts\tuid\tid.orig_h\tid.orig_p\tquery\tqtype_name\trcode_name\tanswers\tTTLs',
    '#types\ttime\tstring\taddr\tport\tstring\tstring\tstring\tvector[string]\tvector[interval]',
    ...rows.map((row) => row.join('\t')),
    '#close\t2026-11-24-10-00-00',
    '',
  ].join('\n');

const answered = ['1795510800.25', 'C1', '10.0.1.5', '50123', 'update.example.com', 'A', 'NOERROR'];

describe('readDnsLogs', () => {
  it('reads the files of a folder, plain and compressed, and further paths', async () => {
    const inner = join(folder, 'logs/2026/11/24');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, 'a.log'), `${resolverLine()}\r\n`);
    writeFileSync(join(inner, 'b.log.gz'), gzipSync(resolverLine({ query_name: 'gz.example.com.' })));
    const more = write(resolverLine({ query_name: 'more.example.com.' }));
    const { table, errors } = await read(join(folder, 'logs'), more);
    expect(errors).toBe('');
    expect([...table.answers()].map(({ name }) => name).sort()).toEqual([
      'gz.example.com',
      'more.example.com',
      'update.example.com',
    ]);
  });

  it("reads Zeek's dns.log by the names of its fields", async () => {
    const path = write(
      zeek(
        [...answered, 'edge.example.net,198.51.100.9,2001:db8::9', '60,60,60'],
        ['1795510801', 'C2', '10.0.1.5', '50123', '-', '-', '-', '198.51.100.10', '60'],
        ['1795510802', 'C3', '10.0.1.5', '50123', 'no.example.com', 'A', 'NXDOMAIN', '-', '-'],
      ),
    );
    const { table, errors } = await read(path);
    expect(errors).toBe('');
    expect(table.size).toBe(2);
    for (const address of ['198.51.100.9', '2001:db8::9']) {
      expect(table.namesFor('10.0.1.5', address, window, ['vpc-0a'])?.names).toEqual([
        { name: 'update.example.com', time: epoch },
      ]);
    }
  });

  it('reports bad lines with file and line, and reads the others', async () => {
    const path = write([resolverLine(), 'bad', '', resolverLine({ srcaddr: 'x' }), resolverLine()].join('\n'));
    const { table, errors } = await read(path);
    expect(table.size).toBe(1);
    expect(errors).toBe(
      [
        `flow-sentinel: ${path}:2: the line is invalid: expected JSON of Route 53 Resolver, or the header #fields of Zeek`,
        `flow-sentinel: ${path}:4: srcaddr is invalid, expected an address`,
        'flow-sentinel: left out 2 bad lines of DNS logs',
        '',
      ].join('\n'),
    );
  });

  it('lists the first bad lines and counts the others', async () => {
    const { errors } = await read(write([resolverLine(), ...Array.from({ length: 9 }, () => 'bad')].join('\n')));
    expect(errors.split('\n')).toHaveLength(7);
    expect(errors).toContain('left out 9 bad lines of DNS logs, 4 of them not listed\n');
  });

  it.each([
    [['1795510800', 'C1'], 'the number of values differs from that of #fields'],
    [['when', ...answered.slice(1), '-', '-'], 'ts is invalid'],
    [[...answered.slice(0, 2), 'host', ...answered.slice(3), '-', '-'], 'id.orig_h is invalid'],
  ])('says what is wrong with the line %j of Zeek', async (row, problem) => {
    const path = write(zeek([...answered, '198.51.100.9', '60'], row));
    expect((await read(path)).errors).toContain(`${path}:7: ${problem}`);
  });

  it('keeps what it has read when gzip is cut off', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) => resolverLine({ query_name: `n${n * 7919}.example.com.` }));
    const path = write(gzipSync(lines.join('\n')).subarray(0, -600));
    const { table, errors } = await read(path);
    expect(table.size).toBeGreaterThan(0);
    expect(errors).toContain(`${path}: its gzip is cut off`);
  });

  it('throws an error when no line is a query, or a path is missing', async () => {
    const path = write('2 123456789012 eni-0a 10.0.1.5 10.0.2.7\n');
    await expect(read(path)).rejects.toThrow(
      `${path}: no line is a DNS query, expected query logs of Route 53 Resolver or Zeek's dns.log`,
    );
    await expect(read(join(folder, 'missing'))).rejects.toThrow('does not exist');
  });

  it('stops when its signal fires', async () => {
    const reason = new Error('it was interrupted');
    await expect(readDnsLogs([write(resolverLine())], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
