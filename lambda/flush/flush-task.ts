import { FlowError } from '../common/errors.ts';
import type { FlushTask } from './flush.ts';

/**
 * Reads which lanes to flush from an event: `{ index, processes, force }`, each optional. Default: all lanes, if it is time.
 *
 * @throws FlowError `EVENT_INVALID` that names the invalid value
 */
export function readFlushTask(event: unknown): FlushTask {
  const { index = 0, processes = 1, force = false } = (event ?? {}) as Record<string, unknown>;
  const whole = (name: string, value: unknown, min: number, max: number) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    const expected = `expected a whole number from ${min} to ${max}`;
    throw new FlowError('EVENT_INVALID', `${name} of the flush is invalid: got ${JSON.stringify(value)}, ${expected}`);
  };
  const count = whole('processes', processes, 1, 128);
  return { index: whole('index', index, 0, count - 1), processes: count, isForced: force === true };
}
