import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import type { FlowRange } from './flow-times.ts';

/** Formats the number of flows that are set aside, and the range that is taken; undefined without such flows. */
export function setAsideText({ from, to, setAside }: FlowRange): string | undefined {
  if (setAside === 0) return undefined;
  const subject = setAside === 1 ? '1 flow ends' : `${formatInteger(setAside)} flows end`;
  return `${subject} more than 3 days apart from the others; days are those from ${utc(from)} to ${utc(to)} (UTC)`;
}
