import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { linesOf } from '../../../lambda/parse/read-records.ts';
import { anyFlowValues, directed, epoch, lineOf, v2 } from '../../support/flows.ts';
import { flowFolder, readAll, valuesOf } from './flow-folder.ts';

const cellsOf = (line: string) => line.split(' ').map((value) => (value === '-' ? '' : value));
const quoted = (cells: readonly string[]) => `${cells.map((cell) => (cell === '' ? '' : `"${cell}"`)).join(',')}\n`;
const athenaHeader = (names: readonly string[]) => quoted(names.map((name) => name.replaceAll('-', '_')));

describe('openFlowFiles on CSV', () => {
  it('restores the flows of an export of Athena, with all digits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFlowValues, { minLength: 1, maxLength: 20 }), async (flows) => {
        const lines = flows.map((values) => lineOf({ version: 5, ...values }, directed));
        const rows = lines.map((line) => quoted(cellsOf(line)));
        const { read, flowFiles } = await readAll(flowFolder({ a: athenaHeader(directed.names) + rows.join('') }));
        const readLines = read.flatMap(linesOf);
        const expected = lines.map((line) => parseLine(line, [directed]));
        const values = (all: typeof readLines) => all.map((one) => one.kind === 'flow' && valuesOf(one.flow));
        expect(values(readLines)).toEqual(values(expected));
        expect(flowFiles.files()[0]).toMatchObject({ kind: 'CSV', records: flows.length, problem: undefined });
      }),
      { numRuns: 30 },
    );
  });

  it('reads the names of CloudWatch Logs Insights, and passes over columns with other names', async () => {
    const csv = `@timestamp,srcAddr,dstAddr,bytes,action,endTime,@ptr,who\r\n2026-11-24 09:00:00.000,10.0.1.5,10.0.2.7,7,REJECT,${epoch},CmEK,a\r\n`;
    const { flows, arrivals, problems, flowFiles } = await readAll(flowFolder({ 'insights.csv': csv }));
    expect(flows.map(valuesOf)).toEqual([
      { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', bytes: '7', action: 'REJECT', end: `${epoch}` },
    ]);
    expect(arrivals).toEqual([60]);
    expect(problems).toEqual({});
    expect(flowFiles.files()[0]?.unknownFields).toEqual(['who']);
  });

  it('passes on a row with another number of columns, which is found unreadable', async () => {
    const csv = `${athenaHeader(v2.names)}${quoted(cellsOf(lineOf()))}"2","123456789012"\n"open\n`;
    const { read } = await readAll(flowFolder({ 'a.csv': csv }));
    expect(read.map(({ outcome }) => outcome.kind)).toHaveLength(3);
    expect((await readAll(flowFolder({ 'a.csv': csv }))).flows).toHaveLength(1);
  });

  it.each(['name,age\na,5\n', 'srcaddr,age,name\n10.0.1.5,5,a\n', 'srcaddr,srcAddr\n10.0.1.5,10.0.1.5\n'])(
    'refuses CSV of other content: %j',
    async (csv) => {
      await expect(readAll(flowFolder({ 'a.csv': csv }))).rejects.toThrow('the content is invalid: got other text');
    },
  );
});
