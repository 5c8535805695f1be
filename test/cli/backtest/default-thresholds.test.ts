import { describe, expect, it } from 'vitest';
import { defaultThresholds } from '../../../cli/backtest/default-thresholds.ts';
import { defaultRules } from '../../support/rules.ts';

describe('defaultThresholds', () => {
  it('returns multiples of the threshold, ascending, when a rule counts', () => {
    const [first, second] = defaultThresholds(defaultRules.rules.get('repeated_rejects')!);
    expect([first, second]).toEqual([15, 20]);
  });

  it('returns each higher number of slots that a window can have when a rule asks for active slots', () => {
    expect(defaultThresholds(defaultRules.rules.get('silent_interface')!)).toEqual([15, 16]);
    expect(defaultThresholds(defaultRules.rules.get('long_connection')!)).toEqual([21]);
  });
});
