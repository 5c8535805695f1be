import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contributionColumn } from '../../../lambda/flow-log/contribution-column.ts';
import type { Network } from '../../../lambda/networks/ip-address.ts';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { type LakePartition, lakePartitions } from '../../../lambda/respond/lake-partition.ts';
import { maxResponseBytes, respond } from '../../../lambda/respond/respond.ts';
import { anyFlowValues, directed, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { noRules } from '../../support/rules.ts';

const base64 = (payload: string | Buffer) => Buffer.from(payload).toString('base64');
const read = (payload: string | Buffer, format = v2, recordId = 'r') =>
  readRecords([{ recordId, data: base64(payload), arrival: 1 }], [format]).records[0]!;
const linesOf = (data: string) =>
  Buffer.from(data, 'base64')
    .toString()
    .split(/(?<=\n)/)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const responseTo = (payload: string | Buffer, format = v2, monitored: readonly Network[] = []) => {
  const record = read(payload, format);
  const contributions = contributionColumn(noRules.columnsOf(record.rows), monitored);
  return respond([record], contributions).records[0]!;
};
/** Of batches whose flows are not counted. */
const none = new Uint8Array(0);

describe('respond', () => {
  it('writes a flow as one JSON line with AWS names, numbers as numbers and "-" as null', () => {
    const { result, data } = responseTo(lineOf({ srcaddr: '2001:DB8::1', action: '-' }));
    expect(result).toBe('Ok');
    expect(Buffer.from(data, 'base64').toString()).toBe(
      '{"version":2,"account_id":"123456789012","interface_id":"eni-0a1b2c3d4e5f60718","srcaddr":"2001:db8::1",' +
        '"dstaddr":"10.0.2.7","srcport":50000,"dstport":443,"protocol":6,"packets":10,"bytes":1000,"start":1795510800,' +
        '"end":1795510850,"action":null,"log_status":"OK","counted":false}\n',
    );
  });

  it('writes whether a flow was counted', () => {
    expect(linesOf(responseTo(lineOf()).data)).toMatchObject([{ counted: true }]);
    expect(
      linesOf(responseTo(lineOf({}, formatOf('srcaddr dstaddr action')), formatOf('srcaddr dstaddr action')).data),
    ).toMatchObject([{ counted: false }]);
    const monitored = [{ groups: [2560, 0], length: 8 }];
    const ingress = responseTo(lineOf({ 'flow-direction': 'ingress' }, directed), directed, monitored);
    expect(linesOf(ingress.data)).toMatchObject([{ counted: false }]);
  });

  it('writes 64-bit numbers with all their digits', () => {
    expect(Buffer.from(responseTo(lineOf({ bytes: '9223372036854775807' })).data, 'base64').toString()).toContain(
      '"bytes":9223372036854775807,',
    );
  });

  it('writes an unreadable line among the others, with its text and the reason', () => {
    const { result, data } = responseTo(`${lineOf()}\nnot a flow "record"\n${lineOf()}`);
    expect(result).toBe('Ok');
    expect(linesOf(data)).toEqual([
      expect.objectContaining({ srcaddr: '10.0.1.5' }),
      { unreadable_line: 'not a flow "record"', unreadable_reason: 'the line has 4 fields, expected 14' },
      expect.objectContaining({ srcaddr: '10.0.1.5' }),
    ]);
  });

  it('returns the account or the VPC as partition key when the lake has such partitions', () => {
    const format = formatOf('account-id vpc-id srcaddr');
    const vpc = 'vpc-0123456789abcdef0';
    const line = lineOf({ 'vpc-id': vpc }, format);
    const transformed = (payload: string, lakePartition: LakePartition) =>
      respond([read(payload, format)], none, { lakePartition }).records[0]!;
    expect(transformed(line, 'account').metadata).toEqual({ partitionKeys: { account: '123456789012' } });
    expect(transformed(line, 'vpc').metadata).toEqual({ partitionKeys: { vpc } });
    expect(transformed(line, 'date')).not.toHaveProperty('metadata');
    expect(transformed('Hello World', 'vpc')).not.toHaveProperty('metadata');
  });

  it('returns an unreadable record unchanged', () => {
    expect(responseTo('Hello World')).toEqual({
      recordId: 'r',
      result: 'ProcessingFailed',
      data: base64('Hello World'),
    });
  });

  it('returns data that is not text as base64 of its JSON', () => {
    const [record] = respond(readRecords([{ recordId: 'r', data: { a: 1 }, arrival: 1 }], [v2]).records, none).records;
    expect(record).toEqual({ recordId: 'r', result: 'ProcessingFailed', data: base64('{"a":1}') });
  });

  it('drops a control message and a header', () => {
    expect(responseTo('{"messageType":"CONTROL_MESSAGE","logEvents":[]}')).toEqual({
      recordId: 'r',
      result: 'Dropped',
      data: '',
    });
    expect(responseTo(v2.names.join(' '))).toMatchObject({ result: 'Dropped' });
  });

  it('returns every record once and in order for any content and any limit', () => {
    const payload = fc.oneof(
      anyFlowValues.map((values) => lineOf(values)),
      fc.array(anyFlowValues, { maxLength: 5 }).map((all) => all.map((values) => lineOf(values)).join('\n')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), payload)),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.constantFrom(...lakePartitions),
        (records, spare, lakePartition) => {
          const originals = records.map(([recordId, content]) => read(content, v2, recordId));
          const request = JSON.stringify({
            records: originals.map(({ recordId, data }) => ({
              recordId,
              approximateArrivalTimestamp: 1_795_510_800_000,
              data,
            })),
          });
          const limit = Math.ceil(request.length * (1 + spare)) + Buffer.byteLength(request) - request.length;
          const response = respond(originals, none, { maxBytes: limit, lakePartition });
          expect(response.records.map(({ recordId }) => recordId)).toEqual(records.map(([recordId]) => recordId));
          expect(Buffer.byteLength(JSON.stringify({ records: response.records }))).toBeLessThanOrEqual(limit);
          for (const [index, { result, data }] of response.records.entries()) {
            if (result === 'ProcessingFailed') expect(data).toBe(originals[index]!.data);
          }
        },
      ),
    );
  });

  it.each(lakePartitions)('fills the response to the last byte when the lake is partitioned by %s', (lakePartition) => {
    const format = formatOf('account-id vpc-id srcaddr bytes');
    const ids = ['r', 'a-b_1', 'é', '"\n'];
    const records = ids.map((recordId) => read(lineOf({ 'vpc-id': 'vpc-0a1b2c3d' }, format), format, recordId));
    const bytesOf = (response: object) => Buffer.byteLength(JSON.stringify(response));
    const complete = respond(records, none, { lakePartition });
    const maxBytes = bytesOf({ records: complete.records }) + 1;
    expect(complete.overflowed).toBe(0);
    expect(respond(records, none, { lakePartition, maxBytes })).toEqual(complete);
    const smaller = respond(records, none, { lakePartition, maxBytes: maxBytes - 1 });
    expect(smaller.overflowed).toBe(1);
    expect(smaller.records.map(({ result }) => result)).toEqual(['Ok', 'Ok', 'Ok', 'ProcessingFailed']);
  });

  it('counts the bytes of data that is not base64 when it fills the response', () => {
    const texts = ['"'.repeat(5) + '\\'.repeat(2), 'é漢', '\ud800'];
    const given = texts.map((data, index) => ({ recordId: String(index), data, arrival: undefined }));
    const records = [...readRecords(given, [v2]).records, read(lineOf())];
    const complete = respond(records, none);
    expect(complete.records.map(({ result }) => result)).toEqual([...texts.map(() => 'ProcessingFailed'), 'Ok']);
    const maxBytes = Buffer.byteLength(JSON.stringify({ records: complete.records })) + 1;
    expect(respond(records, none, { maxBytes })).toEqual(complete);
    expect(respond(records, none, { maxBytes: maxBytes - 1 }).overflowed).toBe(1);
  });

  it('returns records unchanged that exceed Lambda’s limit of a response', () => {
    const lines = Array.from({ length: 3000 }, (_, n) => lineOf({ srcport: n })).join('\n');
    const batch = JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message: lines }] });
    const records = Array.from({ length: 12 }, (_, n) => read(gzipSync(batch), v2, `r${n}`));
    const { records: transformed, overflowed } = respond(records, none);
    expect(Buffer.byteLength(JSON.stringify({ records: transformed }))).toBeLessThanOrEqual(maxResponseBytes);
    expect(transformed.filter(({ result }) => result === 'Ok').length + overflowed).toBe(12);
    expect(overflowed).toBeGreaterThan(0);
    expect(transformed.findLast(({ result }) => result === 'ProcessingFailed')!.data).toBe(base64(gzipSync(batch)));
  });

  it('fits all unchanged records into the response to an event of 6 MB', () => {
    const records = Array.from({ length: 1000 }, (_, n) => read(randomBytes(4600), v2, String(n).padStart(56, '0')));
    const { records: transformed } = respond(records, none);
    expect(Buffer.byteLength(JSON.stringify({ records: transformed }))).toBeLessThanOrEqual(maxResponseBytes);
  });
});
