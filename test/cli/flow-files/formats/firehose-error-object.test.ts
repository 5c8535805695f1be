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
  it('puts the records of a batch together that was given up at one time, in their order', () => {
    const { batches, answered } = readErrorObject(
      ['1', '2', '3'].map((rawData) => lineOf({ rawData, attemptEndingTimestamp: rawData === '3' ? 2 : 1 })).join('\n'),
    );
    expect(batches.map(({ records }) => dataOf(records))).toEqual([['1', '2'], ['3']]);
    expect(batches[0]).toMatchObject({ reason: 'Lambda.FunctionError: it failed' });
    expect(answered).toEqual([]);
  });

  it('keeps records apart that the function answered as failed, or that failed after it had answered', () => {
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

  it('reads numbers that are texts, lines without a break between them, and none at the end', () => {
    const text =
      lineOf({ rawData: '1', arrivalTimestamp: '1795510800000' }) + lineOf({ rawData: '2', errorMessage: '}{' });
    const { batches } = readErrorObject(`${text}\r\n\n`);
    expect(batches.flatMap(({ records }) => records).map(({ data, arrival }) => [data, arrival])).toEqual([
      ['1', 1_795_510_800_000],
      ['2', 1_795_510_800_000],
    ]);
  });

  it('gives back what is no record of Firehose’s', () => {
    const strange = ['garbage', 'null', '[]', '{"rawData":7,"errorCode":"x"}', '{"rawData":"YQ=="}'];
    expect(readErrorObject(strange.join('\n'))).toEqual({ answered: [], batches: [], unknown: strange });
  });

  it('takes a time that is none for unknown', () => {
    const { batches } = readErrorObject(lineOf({ arrivalTimestamp: 'yesterday' }));
    expect(batches[0]!.records[0]!.arrival).toBe(0);
  });
});
