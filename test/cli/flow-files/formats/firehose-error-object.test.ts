import { describe, expect, it } from 'vitest';
import { readErrorObject } from '../../../../cli/flow-files/formats/firehose-error-object.ts';

const lineOf = (values: object) =>
  JSON.stringify({
    attemptsMade: 4,
    arrivalTimestamp: 1_795_510_800_000,
    errorCode: 'Lambda.FunctionError',
    errorMessage: 'it failed',
    attemptEndingTimestamp: 1_795_510_900_000,
    rawData: 'YQ==',
    lambdaARN: 'arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST',
    ...values,
  });
const dataOf = (records: readonly { data: string }[]) => records.map(({ data }) => data);

describe('readErrorObject', () => {
  it('groups the records of a given-up batch by the end of its last attempt, in their order', () => {
    const { batches, answered } = readErrorObject(
      ['1', '2', '3'].map((rawData) => lineOf({ rawData, attemptEndingTimestamp: rawData === '3' ? 2 : 1 })).join('\n'),
    );
    expect(batches.map(({ records }) => dataOf(records))).toEqual([['1', '2'], ['3']]);
    expect(batches[0]).toMatchObject({ reason: 'Lambda.FunctionError: it failed' });
    expect(answered).toEqual([]);
  });

  it('separates records that the function returned as failed, or that failed after its response', () => {
    const text = [
      lineOf({ rawData: '1', errorCode: 'Lambda.ProcessingFailedStatus' }),
      lineOf({ rawData: '2' }),
      lineOf({ rawData: '3', errorCode: 'DynamicPartitioning.MissingKey' }),
      lineOf({ rawData: '4' }),
    ].join('\n');
    const { batches, answered } = readErrorObject(text);
    expect(dataOf(answered)).toEqual(['1', '3']);
    expect(batches.map(({ records }) => dataOf(records))).toEqual([['2', '4']]);
  });

  it('reads numbers as text, objects without a line break between them, and a last line without one', () => {
    const text =
      lineOf({ rawData: '1', arrivalTimestamp: '1795510800000' }) + lineOf({ rawData: '2', errorMessage: '}{' });
    const { batches } = readErrorObject(`${text}\r\n\n`);
    expect(batches.flatMap(({ records }) => records).map(({ data, arrival }) => [data, arrival])).toEqual([
      ['1', 1_795_510_800_000],
      ['2', 1_795_510_800_000],
    ]);
  });

  it('returns lines that are not records of Firehose', () => {
    const strange = ['garbage', 'null', '[]', '{"rawData":7,"errorCode":"x"}', '{"rawData":"YQ=="}'];
    expect(readErrorObject(strange.join('\n'))).toEqual({ answered: [], batches: [], unknown: strange });
  });

  it('returns an arrival of 0 when the time is invalid', () => {
    const { batches } = readErrorObject(lineOf({ arrivalTimestamp: 'yesterday' }));
    expect(batches[0]!.records[0]!.arrival).toBe(0);
  });
});
