import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsInRange } from '../../../cli/flow-files/records-in-range.ts';
import { RangeFilter } from '../../../cli/flow-files/time-range.ts';
import { envelopeNames } from '../../../emulators/envelope-names.ts';
import { type SourceRecord, wrapLines } from '../../../emulators/firehose-event.ts';
import { flowsOf, readRecords } from '../../../lambda/parse/read-records.ts';
import { epoch, lineOf, v2 } from '../../support/flows.ts';

async function* streamOf(records: readonly SourceRecord[]): AsyncGenerator<SourceRecord> {
  yield* records;
}

const range = { from: epoch + 10, to: epoch + 20 };

async function collected(records: AsyncIterable<SourceRecord>): Promise<SourceRecord[]> {
  const all: SourceRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

/** Returns the flows of records, as `end port`. */
function flowsIn(records: readonly SourceRecord[]): string[] {
  const { records: read } = readRecords(
    records.map(({ data }) => ({ recordId: '', data: data.toString('base64'), arrival: 0 })),
    [v2],
  );
  return read.flatMap((record) => flowsOf(record).map((flow) => `${flow.value(11)} ${flow.value(5)}`));
}

describe('recordsInRange', () => {
  it('passes on the flows of a slow filter in their order when records have one or many lines', async () => {
    const time = fc.oneof(fc.integer({ min: epoch, max: epoch + 30 }), fc.constant('-'));
    const flow = fc.record({ start: time, end: time });
    const group = fc.tuple(fc.constantFrom(...envelopeNames), fc.array(flow, { minLength: 1, maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(fc.array(group, { maxLength: 6 }), async (groups) => {
        let port = 0;
        const numbered = groups.map(([name, flows]) => {
          const some = flows.map((one) => ({ ...one, srcport: ++port }));
          return { name, some };
        });
        const records = numbered.flatMap(({ name, some }) =>
          wrapLines(
            some.map((one) => lineOf(one)),
            name,
            0,
          ),
        );
        const expected = numbered
          .flatMap(({ some }) => some)
          .filter(({ start, end }) => {
            const at = end === '-' ? start : end;
            return at !== '-' && at >= epoch + 10 && at < epoch + 20;
          })
          .map(({ end, srcport }) => `${end} ${srcport}`);
        const filter = new RangeFilter(range);
        const found = await collected(recordsInRange(streamOf(records), [v2], filter));
        expect(flowsIn(found)).toEqual(expected);
      }),
    );
  });

  it('passes on unreadable lines, and records whose flows are all inside, unchanged', async () => {
    const lines = [lineOf({ end: epoch + 10 }), lineOf({ end: epoch + 19 })];
    const [whole] = wrapLines(lines, 'cloudwatch', 5);
    const [mixed] = wrapLines([lineOf({ end: epoch + 20 }), 'what is this?'], 'cloudwatch', 6);
    const unreadable = { data: Buffer.from('no flow\n'), arrival: 7 };
    const found = await collected(recordsInRange(streamOf([whole!, mixed!, unreadable]), [v2], new RangeFilter(range)));
    expect(found).toEqual([whole, { data: Buffer.from('what is this?\n'), arrival: 6 }, unreadable]);
  });

  it('writes the values of a flow as in its line when a record is split', async () => {
    const [record] = wrapLines([lineOf({ end: epoch }), lineOf({ end: epoch + 15, bytes: '-' })], 'cloudwatch', 0);
    const found = await collected(recordsInRange(streamOf([record!]), [v2], new RangeFilter(range)));
    expect(found.map(({ data }) => data.toString())).toEqual([`${lineOf({ end: epoch + 15, bytes: '-' })}\n`]);
  });
});
