import { describe, expect, it } from 'vitest';
import { epoch, lineOf } from '../../support/flows.ts';
import { flowFolder, readAll, valuesOf } from './flow-folder.ts';

const lineAt = (seconds: number) => lineOf({ start: epoch + seconds - 50, end: epoch + seconds });
const stamp = (seconds: number) => new Date((epoch + seconds) * 1000).toISOString().replace('T', ' ').slice(0, -1);
const events = [lineAt(9), lineAt(3)].map((message, n) => ({
  '@timestamp': stamp(n),
  '@message': message,
  '@logStream': 'eni-0a1b2c3d4e5f60718-all',
  '@ptr': 'CmEK',
}));
const csvOf = (rows: readonly Record<string, string>[]) =>
  [Object.keys(rows[0]!).join(), ...rows.map((row) => Object.values(row).join())].join('\r\n');
const resultsOf = (rows: readonly Record<string, string>[]) => ({
  results: rows.map((row) => Object.entries(row).map(([field, value]) => ({ field, value }))),
  statistics: { recordsMatched: rows.length },
  status: 'Complete',
});

/** The exports of CloudWatch Logs Insights: the console's two downloads, and the output of the AWS CLI. */
const exportsOf = (rows: readonly Record<string, string>[]): [name: string, content: string][] => [
  ['CSV', csvOf(rows)],
  ['JSON', JSON.stringify(rows)],
  ['indented JSON', JSON.stringify(rows, null, 2)],
  ['the output of get-query-results', JSON.stringify(resultsOf(rows))],
  ['the indented output of get-query-results', JSON.stringify(resultsOf(rows), null, 4)],
];

describe('openFlowFiles on exports of CloudWatch Logs Insights', () => {
  it.each(exportsOf(events))('reads the log events of %s', async (_, content) => {
    const { lines, arrivals, flows, flowFiles, problems } = await readAll(flowFolder({ a: content }));
    expect(lines).toEqual([`${lineAt(9)}\n`, `${lineAt(3)}\n`]);
    expect(arrivals).toEqual([69, 69]);
    expect(flows).toHaveLength(2);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'CloudWatch export', records: 2 });
    expect(problems).toEqual({});
  });

  it.each(exportsOf(events.map(({ '@message': message }) => ({ '@message': message }))))(
    'reads %s that has only @message',
    async (_, content) => {
      expect((await readAll(flowFolder({ a: content }))).flows).toHaveLength(2);
    },
  );

  it.each(exportsOf(events.map((event) => ({ ...event, '@message': '10.0.1.5 10.0.2.7 7' }))))(
    'dates the flows of %s by @timestamp when they have no time',
    async (_, content) => {
      const { arrivals, flows } = await readAll(flowFolder({ a: content }), { format: ['srcaddr dstaddr bytes'] });
      expect(flows).toHaveLength(2);
      expect(arrivals).toEqual([60, 61]);
    },
  );

  it.each(
    exportsOf([
      { srcAddr: '10.0.1.5', dstAddr: '10.0.2.7', dstPort: '22', bytes: '7', action: 'REJECT', start: `${epoch}` },
      { srcAddr: '10.0.1.6', dstAddr: '10.0.2.7', dstPort: '22', bytes: '8', action: 'ACCEPT', start: `${epoch + 5}` },
    ]),
  )('reads the discovered fields of %s', async (_, content) => {
    const { arrivals, flows } = await readAll(flowFolder({ a: content }));
    expect(flows.map(valuesOf)).toMatchObject([
      { srcaddr: '10.0.1.5', dstport: '22', bytes: '7', action: 'REJECT' },
      { srcaddr: '10.0.1.6', dstport: '22', bytes: '8', action: 'ACCEPT' },
    ]);
    expect(arrivals).toEqual([60, 65]);
  });

  it('passes on a log event of another format, which is found unreadable', async () => {
    const { read } = await readAll(
      flowFolder({ 'a.csv': csvOf([...events, { '@message': 'START RequestId' } as never]) }),
    );
    expect(read.map(({ outcome }) => outcome.kind)).toEqual(['lines', 'lines', 'failed']);
  });

  it.each(['{"results":[{"id":1}]}', '{"results":[[1,2]]}', '{"results":5}'])(
    'refuses results of another tool: %s',
    async (content) => {
      await expect(readAll(flowFolder({ a: content }))).rejects.toThrow('the content is invalid: got unknown JSON');
    },
  );
});
