import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { geoTableBytes } from '../../../cli/geo/geo-table-bytes.ts';
import { S3GeoTable } from '../../../lambda/aws/s3-geo-table.ts';
import type { CurrentRegions } from '../../../lambda/flow-log/region-fields.ts';
import { countedReads } from '../../support/counted-reads.ts';
import { sharedStack } from '../../support/shared-stack.ts';
import { emptyContent } from '../geo/source-ranges.ts';

const signal = new AbortController().signal;
const minute = 60_000;
const [bucket, key] = ['some-bucket', 'geo.bin'];

const stack = sharedStack();
let s3: S3Client;
let time: number;
let log: string[];
let requests: readonly (string | undefined)[];
let regions: CurrentRegions;
let table: S3GeoTable;

beforeEach(async () => {
  s3 = await stack().clients.s3();
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  time = 1000;
  log = [];
  requests = countedReads(s3);
  regions = { current: undefined };
  table = new S3GeoTable(
    { bucket, key },
    regions,
    async () => s3,
    {
      geoTableRead: ({ counts }) => log.push(`read ${counts.ipv4Ranges} ranges`),
      geoTableUsed: (dataTime) => log.push(`data of ${dataTime}`),
      geoTableFailed: (problem, hasTable) => log.push(`${hasTable ? 'kept' : 'none'}: ${problem}`),
    },
    () => time,
  );
});

const put = (body: Uint8Array) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: body.length }));

/** Returns a table of one network. */
function tableOf(country: string, dataTime = 5000): Uint8Array {
  const first = 0xc633_6400n; // 198.51.100.0/24
  const range = { first, last: first + 255n, country, asn: undefined };
  return geoTableBytes({ ...emptyContent, dataTime, networks: { ipv4: [range], ipv6: [] } });
}

const country = () => regions.current?.lookup('198.51.100.9')?.country;

describe('S3GeoTable', () => {
  it('reads the table before the first batch, and says its age each minute', async () => {
    await put(tableOf('DE'));
    await table.refresh(signal);
    expect(country()).toBe('DE');
    time += minute - 1;
    await table.refresh(signal);
    expect(log).toEqual(['read 1 ranges', 'data of 5000']);
    time += 1;
    await table.refresh(signal);
    expect(log).toEqual(['read 1 ranges', 'data of 5000', 'data of 5000']);
    expect(requests).toEqual([undefined, expect.stringMatching(/^"\w+"$/)]);
  });

  it('replaces the table when the object has changed', async () => {
    await put(tableOf('DE'));
    await table.refresh(signal);
    const before = regions.current;
    await put(tableOf('FR', 6000));
    time += minute;
    await table.refresh(signal);
    expect([country(), regions.current === before]).toEqual(['FR', false]);
    expect(log.at(-1)).toBe('data of 6000');
  });

  it('reads once when batches are concurrent', async () => {
    await put(tableOf('DE'));
    await Promise.all([table.refresh(signal), table.refresh(signal)]);
    expect(requests).toHaveLength(1);
  });

  it('goes on without countries when the object is missing, and reads it a minute after it exists', async () => {
    await table.refresh(signal);
    await table.refresh(signal);
    expect(country()).toBeUndefined();
    expect(log).toEqual([expect.stringMatching(/^none: s3:\/\/some-bucket\/geo\.bin cannot be read: NoSuchKey/)]);
    await put(tableOf('DE'));
    time += minute;
    await table.refresh(signal);
    expect(country()).toBe('DE');
  });

  it.each<readonly [string, Uint8Array, string]>([
    ['empty', new Uint8Array(), 'it has another format, or is empty'],
    ['truncated', tableOf('FR').slice(0, -1), 'it is truncated'],
    ['damaged', tableOf('FR').map((byte, index) => (index === 40 ? byte ^ 1 : byte)), 'it is'],
    ['of another kind', Buffer.from('198.51.100.0,FR\n'), 'it has another format'],
  ])('keeps the previous table when the object is %s, and reads it again each minute', async (_, body, problem) => {
    await put(tableOf('DE'));
    await table.refresh(signal);
    await put(body);
    for (const _attempt of [1, 2]) {
      time += minute;
      await table.refresh(signal);
      expect(country()).toBe('DE');
    }
    const failure = expect.stringMatching(new RegExp(`^kept: s3://some-bucket/geo.bin cannot be read: .*${problem}`));
    expect(log).toEqual(['read 1 ranges', 'data of 5000', failure, 'data of 5000', failure, 'data of 5000']);
  });

  it('keeps the table when the object is removed', async () => {
    await put(tableOf('DE'));
    await table.refresh(signal);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    time += minute;
    await table.refresh(signal);
    expect(country()).toBe('DE');
  });

  it('does not reject when the deadline is near', async () => {
    await put(tableOf('DE'));
    await table.refresh(AbortSignal.abort());
    expect(country()).toBeUndefined();
    expect(log).toEqual([expect.stringMatching(/^none: /)]);
  });

  it('asks for nothing without an object', async () => {
    const failing = async () => Promise.reject<S3Client>(new Error('not needed'));
    const never = { geoTableRead: fail, geoTableUsed: fail, geoTableFailed: fail };
    await new S3GeoTable(undefined, regions, failing, never).refresh(signal);
    expect(requests).toEqual([]);
  });
});

function fail(): never {
  throw new Error('not expected');
}
