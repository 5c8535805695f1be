import type { Format } from '../../lambda/flow-log/format.ts';

/** Returns whether the monitored networks decide anything: whether a format has `flow-direction`. */
export function hasDirection(formats: readonly Pick<Format, 'indexOf'>[]): boolean {
  return formats.some(({ indexOf }) => indexOf.has('flow-direction'));
}
