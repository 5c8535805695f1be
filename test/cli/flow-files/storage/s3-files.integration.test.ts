import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, type GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openFlowFiles } from '../../../../cli/flow-files/open.ts';
import { type LocalStack, startLocalStack } from '../../../../emulators/local-stack.ts';
import { epoch, lineOf } from '../../../support/flows.ts';
import { flowFolder, readAll } from '../flow-folder.ts';

let stack: LocalStack;
let client: S3Client;
const s3 = async () => client;
beforeAll(async () => {
  stack = await startLocalStack();
  client = await stack.clients.s3();
});
afterAll(() => stack.stop());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

let buckets = 0;

async function bucketOf(objects: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  buckets += 1;
  const Bucket = `flows-${buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  for (const [Key, Body] of Object.entries(objects))
    await client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Body) }));
  return Bucket;
}

const lineAt = (end: number) => lineOf({ start: epoch + end - 50, end: epoch + end });

describe('openFlowFiles on S3', () => {
  it('reads all objects with a prefix, or the named object, beside files of a folder', async () => {
    const bucket = await bucketOf({
      'AWSLogs/123456789012/vpcflowlogs/a.log.gz': gzipSync(`${lineAt(1)}\n${lineAt(5)}`),
      'AWSLogs/123456789012/vpcflowlogs/b.log.gz': gzipSync(lineAt(3)),
      'AWSLogs/123456789012/vpcflowlogs/b.log.gz.copy': lineAt(9),
      'AWSLogs/_temporary/c.log': lineAt(9),
      'AWSLogs/empty/': '',
      'other/d.log': lineAt(2),
    });
    const folder = flowFolder({ 'e.log': lineAt(4) });
    const { arrivals, flowFiles } = await readAll([`s3://${bucket}/AWSLogs/`, `s3://${bucket}/other`, folder], { s3 });
    expect(arrivals).toEqual([61, 62, 63, 64, 65, 69]);
    expect(flowFiles.files().map(({ name }) => name.split('/').at(-1))).toEqual([
      'e.log',
      'a.log.gz',
      'b.log.gz',
      'b.log.gz.copy',
      'd.log',
    ]);
    const one = await readAll(`s3://${bucket}/AWSLogs/123456789012/vpcflowlogs/b.log.gz`, { s3 });
    expect(one.arrivals).toEqual([63]);
    expect((await readAll(`s3://${bucket}`, { s3 })).arrivals).toHaveLength(5);
  });

  it('reads Parquet through a temporary copy, and removes the copy', async () => {
    const folder = flowFolder();
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (SELECT '10.0.1.5' AS srcaddr, ${epoch} + range AS "end" FROM range(3))
      TO '${folder}/a' (FORMAT parquet)`);
    const bucket = await bucketOf({ 'a.parquet': readFileSync(`${folder}/a`) });
    vi.stubEnv('TMPDIR', flowFolder());
    const { lines } = await readAll(`s3://${bucket}/`, { s3 });
    expect(lines).toEqual([0, 1, 2].map((n) => `10.0.1.5 ${epoch + n}\n`));
    expect(readdirSync(tmpdir())).toEqual([]);
  });

  it('continues at the same byte when the connection breaks off', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `${lineAt(n)}\n`);
    const bucket = await bucketOf({ 'a.log': lines.join('') });
    const send = client.send.bind(client) as (command: unknown) => Promise<unknown>;
    const ranges: (string | undefined)[] = [];
    const breaking: S3Client = Object.assign(Object.create(client), {
      async send(command: GetObjectCommand) {
        const answer = (await send(command)) as { Body?: AsyncIterable<Buffer> };
        if (!answer.Body) return answer;
        ranges.push(command.input.Range);
        return { ...answer, Body: Readable.from(broken(answer.Body, 100_000)) };
      },
    });
    const { lines: read, problems } = await readAll(`s3://${bucket}/a.log`, { s3: async () => breaking });
    expect(read).toEqual(lines);
    expect(problems).toEqual({});
    expect(ranges.length).toBeGreaterThan(4);
  });

  it('reports objects that can no longer be read, and reads the others', async () => {
    const bucket = await bucketOf({ 'a.log': lineAt(1), 'b.log': lineAt(2) });
    const flowFiles = await openFlowFiles([`s3://${bucket}/`], { s3 });
    await client.send(new (await import('@aws-sdk/client-s3')).DeleteObjectCommand({ Bucket: bucket, Key: 'a.log' }));
    let records = 0;
    for await (const _ of flowFiles.records()) records += 1;
    expect(records).toBe(1);
    expect(flowFiles.files().map(({ problem }) => problem)).toEqual([expect.stringMatching(/^NoSuchKey: /), undefined]);
  });

  it('rejects with one line when objects are missing or may not be listed', async () => {
    const bucket = await bucketOf({ 'a.log': '', 'b/_SUCCESS': 'x' });
    await expect(openFlowFiles([`s3://${bucket}/b`], { s3 })).rejects.toThrow(`s3://${bucket}/b has no flow log file`);
    await expect(openFlowFiles(['s3://no-such-bucket/x'], { s3 })).rejects.toThrow(
      /^s3:\/\/no-such-bucket\/x cannot be listed: NoSuchBucket: /,
    );
    const denied = Object.assign(new Error('not authorized'), {
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    vi.spyOn(client, 'send').mockRejectedValue(denied as never);
    await expect(openFlowFiles([`s3://${bucket}/`], { s3 })).rejects.toMatchObject({
      name: 'InputError',
      message: `s3://${bucket}/ cannot be listed: AccessDenied: not authorized`,
    });
  });

  it('rejects when the region or the credentials are missing', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    await expect(openFlowFiles(['s3://bucket/x'])).rejects.toThrow(/^no region is set; set AWS_REGION/);
  });
});

/** Breaks off after the given number of bytes. */
async function* broken(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  }
}
