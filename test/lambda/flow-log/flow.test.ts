import { describe, expect, it } from 'vitest';
import { fieldOf, fieldReader, flowOfValues, quantityOf, secondsOf, timeOf } from '../../../lambda/flow-log/flow.ts';
import { directed, epoch, flowOf, formatOf, v2 } from '../../support/flows.ts';

const format = formatOf('srcaddr dstaddr instance-id bytes');

describe('a flow', () => {
  it('has the values that it was made of, also as a slice of its text', () => {
    const flow = flowOfValues(format, ['10.0.1.5', '-', '--', '7']);
    expect(flow.values).toEqual(['10.0.1.5', '-', '--', '7']);
    expect(flow.value(2)).toBe('--');
    expect(flow.span(0, 1)).toBe('10.0.1.5 -');
    expect(flow.span(2, 3)).toBe('-- 7');
    expect([0, 1, 2, 3].map((index) => flow.isAvailable(index))).toEqual([true, false, true, true]);
  });

  it('returns undefined for a field that the format lacks or whose value is not available', () => {
    const flow = flowOfValues(format, ['10.0.1.5', '-', 'i-1', '-']);
    expect(['srcaddr', 'dstaddr', 'dstport'].map((name) => fieldOf(flow, name))).toEqual([
      '10.0.1.5',
      undefined,
      undefined,
    ]);
    expect(quantityOf(flow, 'bytes')).toBeUndefined();
    expect(quantityOf(flowOf({ bytes: '9007199254740993' }), 'bytes')).toBe(9_007_199_254_740_993n);
  });

  it('returns the same field by a reader when the format changes between flows', () => {
    const read = fieldReader('dstaddr');
    const flows = [
      flowOf(),
      flowOfValues(format, ['a', 'b', 'c', '1']),
      flowOf({}, directed),
      flowOf({ dstaddr: '-' }),
    ];
    expect(flows.map(read)).toEqual(['10.0.2.7', 'b', '10.0.2.7', undefined]);
    expect(fieldReader('vpc-id')(flowOf({}, v2))).toBeUndefined();
  });

  it('ends at its end, or at its start without an end, in seconds', () => {
    expect(timeOf(flowOf())).toBe(epoch + 50);
    expect(timeOf(flowOf({ start: epoch * 1000, end: epoch * 1000 + 999 }))).toBe(epoch);
    expect(secondsOf(flowOf(), 'start')).toBe(epoch);
    expect(timeOf(flowOfValues(formatOf('start srcaddr'), [String(epoch), 'a']))).toBe(epoch);
    expect(timeOf(flowOfValues(format, ['a', 'b', 'c', '1']))).toBeUndefined();
  });
});
