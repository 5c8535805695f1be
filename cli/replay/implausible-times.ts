import { formatInteger } from '../../lambda/common/format-units.ts';

/** Formats the number of flows that ended at an implausible time as a line; empty without such flows. */
export function implausibleTimesText(flows: number): string {
  if (flows === 0) return '';
  const [subject, verb] = flows === 1 ? ['1 flow', 'ends'] : [`${formatInteger(flows)} flows`, 'end'];
  return `  ${subject} ${verb} at an implausible time: counted in totals, in no window (docs/reference/limits.md#times)\n`;
}
