import type { Quantity } from '../common/quantity.ts';
import type { SlotRange } from '../counters/window.ts';
import type { Rule } from '../rules/model.ts';
import { meetsSlotConditions } from './slot-conditions.ts';
import { AverageMeasure } from './window-measures/average-measure.ts';
import type { CounterState } from './window-measures/counter-state.ts';
import { OrderMeasure } from './window-measures/order-measure.ts';
import { PercentileMeasure } from './window-measures/percentile-measure.ts';
import { TemporalMeasure } from './window-measures/temporal-measure.ts';
import { ValueMeasure } from './window-measures/value-measure.ts';
import type { WindowMeasure } from './window-measures/window-measure.ts';

/** The result of one rule for one window of one key. */
export interface WindowResult {
  /** The correlation's value; of a percentile the smallest possible one, of a temporal correlation the parts that occur. */
  readonly value: Quantity;
  /** See WindowMeasure. */
  readonly isLowerBound: boolean;
  /** The largest of 1 and the rule's escalation multiples that the value exceeds; undefined if it exceeds none. */
  readonly multiple: number | undefined;
}

/** Evaluates a rule for one window of a key's series. */
export function evaluateWindow(rule: Rule, range: SlotRange, state: CounterState): WindowResult {
  const measure = measureWindow(rule, range, state);
  const { value, isLowerBound } = measure;
  if (!measure.exceeds(1) || !meetsSlotConditions(rule, range, state)) {
    return { value, isLowerBound, multiple: undefined };
  }
  // Each multiple of the threshold 0 is 0.
  const escalated = rule.threshold > 0 ? rule.escalate.findLast((multiple) => measure.exceeds(multiple)) : undefined;
  return { value, isLowerBound, multiple: escalated ?? 1 };
}

function measureWindow(rule: Rule, range: SlotRange, state: CounterState): WindowMeasure {
  const { correlation } = rule;
  switch (correlation.type) {
    case 'event_count':
    case 'value_sum':
    case 'value_count':
    case 'active_slots':
      return new ValueMeasure(correlation, rule, range, state);
    case 'value_avg':
      return new AverageMeasure(correlation, rule, range, state);
    case 'value_percentile':
      return new PercentileMeasure(correlation, rule, range, state);
    case 'temporal':
      return new TemporalMeasure(correlation, rule, range, state);
    case 'temporal_ordered':
      return new OrderMeasure(correlation, rule, range, state);
  }
}
