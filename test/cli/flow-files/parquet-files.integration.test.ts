import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openFlowFiles } from '../../../cli/flow-files/open.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { linesOf } from '../../../lambda/parse/read-records.ts';
import { lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { directed, epoch, lakeRowOf, lineOf, v2 } from '../../support/flows.ts';
import { flowFolder, readAll, valuesOf } from './flow-folder.ts';

let duckDb: DuckDBInstance;
beforeAll(async () => {
  duckDb = await DuckDBInstance.create(':memory:');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function run(sql: string): Promise<void> {
  const connection = await duckDb.connect();
  try {
    await connection.run(sql);
  } finally {
    connection.closeSync();
  }
}

const lineAt = (end: number, values: Record<string, string | number> = {}, format = v2) =>
  lineOf({ version: format.version, start: epoch + end - 50, end: epoch + end, ...values }, format);

/** Writes lines as rows of the lake's tables, through the JSON that Firehose receives. */
async function lakeFile(
  folder: string,
  name: string,
  lines: readonly (readonly [string, typeof v2])[],
): Promise<string> {
  const json = join(folder, '.rows.json');
  writeFileSync(json, lines.map(([line, format]) => lakeRowOf(parseLine(line, [format]), [])).join(''));
  const types = { int: 'INTEGER', bigint: 'BIGINT', string: 'VARCHAR', boolean: 'BOOLEAN' };
  const columns = lakeColumns.map((column) => `'${column.name}': '${types[column.type]}'`).join(', ');
  const path = join(folder, name);
  await run(`COPY (SELECT * FROM read_json('${json}', format = 'newline_delimited', columns = {${columns}}))
    TO '${path}' (FORMAT parquet)`);
  return path;
}

describe('openFlowFiles on Parquet', () => {
  it('restores the lines of the lake, with all digits, and the unreadable lines', async () => {
    const lines: [string, typeof v2][] = [
      [lineAt(9, { bytes: '9223372036854775807', 'flow-direction': 'egress' }, directed), directed],
      [lineAt(5, { packets: '9007199254740993', srcport: '-' }), v2],
      ['too short', v2],
      [lineOf({ ...noData, start: epoch, end: epoch + 20 }), v2],
    ];
    const path = await lakeFile(flowFolder(), 'a.parquet', lines);
    const { read, arrivals, flowFiles, lines: texts } = await readAll(path);
    expect(read.map(({ outcome }) => outcome.kind)).toEqual(['lines', 'lines', 'failed', 'lines']);
    expect(read.flatMap(linesOf).map(named)).toEqual(
      lines.filter(([line]) => line !== 'too short').map(([line, format]) => named(parseLine(line, [format]))),
    );
    expect(texts[2]).toBe('too short\n');
    expect(arrivals).toEqual([69, 69, 69, 80]);
    expect(flowFiles.formats.map(({ names }) => names)).toEqual([
      [...directed.names.filter((name) => name !== 'pkt-srcaddr' && name !== 'pkt-dstaddr')],
    ]);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'Parquet', records: 4, problem: undefined });
  });

  it('makes lines from the columns of a file of AWS', async () => {
    const folder = flowFolder();
    await run(`COPY (SELECT 2::INTEGER AS version, '123456789012' AS account_id, '10.0.1.5' AS srcaddr, '10.0.2.7' AS dstaddr,
      9223372036854775807 - range AS bytes, ${epoch}::BIGINT AS start, ${epoch} + range AS "end",
      CASE WHEN range % 2 = 0 THEN 'ACCEPT' END AS action, '-' AS flow_direction, 'OK' AS log_status
      FROM range(5000)) TO '${folder}/a.parquet' (FORMAT parquet)`);
    const { lines, arrivals, flows, flowFiles } = await readAll(folder);
    expect(flowFiles.formats[0]!.names.join(' ')).toBe(
      'version account-id srcaddr dstaddr bytes start end action log-status flow-direction',
    );
    expect(lines.slice(0, 2)).toEqual([
      `2 123456789012 10.0.1.5 10.0.2.7 9223372036854775807 ${epoch} ${epoch} ACCEPT OK -\n`,
      `2 123456789012 10.0.1.5 10.0.2.7 9223372036854775806 ${epoch} ${epoch + 1} - OK -\n`,
    ]);
    expect(arrivals).toEqual(Array.from({ length: 5000 }, (_, n) => n + 60));
    expect(flows).toHaveLength(5000);
  });

  it('detects Parquet by its content, with any name, also compressed, and beside other files', async () => {
    const folder = flowFolder({
      'b.log': `${defaultFormat}\n${lineAt(15)}\n`,
      'event.json': JSON.stringify({ records: [{ data: Buffer.from(lineAt(25)).toString('base64') }] }),
    });
    const path = join(folder, "it's day=1[2]*.log");
    renameSync(
      await lakeFile(folder, 'a', [
        [lineAt(10, {}, directed), directed],
        [lineAt(20), v2],
      ]),
      path,
    );
    // The name is not a pattern, which would match this file.
    writeFileSync(join(folder, "it's day=12.log"), lineAt(0));
    const copy = flowFolder({ 'c.gz': gzipSync(readFileSync(path)) });
    vi.stubEnv('TMPDIR', flowFolder());
    const { flows, arrivals, problems } = await readAll([folder, copy]);
    expect(readdirSync(tmpdir())).toEqual([]);
    expect(arrivals).toEqual([60, 70, 70, 75, 80, 80, 85]);
    expect(flows.map(valuesOf)).toMatchObject(Array(7).fill({ srcaddr: '10.0.1.5', bytes: '1000' }));
    expect(problems).toEqual({});
  });

  it('reads columns with timestamps and floating-point numbers', async () => {
    const folder = flowFolder();
    await run(`COPY (SELECT '10.0.1.5' AS srcaddr, 443::DOUBLE AS dstport, to_timestamp(${epoch}) AS "end")
      TO '${folder}/a.parquet' (FORMAT parquet)`);
    const { lines, arrivals } = await readAll(folder);
    expect(lines).toEqual([`10.0.1.5 443 ${epoch}\n`]);
    expect(arrivals).toEqual([60]);
  });

  it('reports Parquet that is cut off or not a flow log', async () => {
    const folder = flowFolder({ 'a.log': lineAt(1), 'cut.parquet': 'PAR1 and then nothing' });
    await run(`COPY (SELECT 1 AS name, 2 AS colour) TO '${folder}/other.parquet' (FORMAT parquet)`);
    const complete = readFileSync(await lakeFile(folder, 'complete.parquet', [[lineAt(2), v2]]));
    const { problems, flows } = await readAll([folder, flowFolder({ 'part.parquet': complete.subarray(0, 2000) })]);
    expect(flows).toHaveLength(2);
    expect(problems).toEqual({
      'cut.parquet': expect.stringMatching(/^Invalid Input Error: No magic bytes found at end of file/),
      'part.parquet': expect.stringMatching(/^Invalid Input Error: No magic bytes found at end of file/),
      'other.parquet': 'the columns are unknown, expected fields of flow logs, such as srcaddr and dstaddr',
    });
  });

  it('emits the first record before it has read the file, and closes the file when the consumer stops', async () => {
    const folder = flowFolder();
    await run(`COPY (SELECT '10.0.1.5' AS srcaddr, md5(range::VARCHAR) AS instance_id, ${epoch} + range AS "end" FROM range(500000))
      TO '${folder}/a.parquet' (FORMAT parquet)`);
    const flowFiles = await openFlowFiles([folder]);
    let read = 0;
    const stream = flowFiles.records((bytes) => {
      read = bytes;
    });
    expect((await stream.next()).value?.data.toString()).toBe(`10.0.1.5 ${epoch} cfcd208495d565ef66e7dff9f98764da\n`);
    await stream.return(undefined);
    expect(read).toBeLessThan(flowFiles.bytes / 20);
    expect(flowFiles.files()[0]!.records).toBe(1);
  });
});

const noData = {
  srcaddr: '-',
  dstaddr: '-',
  srcport: '-',
  dstport: '-',
  protocol: '-',
  packets: '-',
  bytes: '-',
  action: '-',
  'log-status': 'NODATA',
};

function named(line: ReturnType<typeof parseLine>) {
  return line.kind === 'flow' ? valuesOf(line.flow) : line.kind;
}
