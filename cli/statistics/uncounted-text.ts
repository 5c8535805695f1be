import { formatInteger } from '../../lambda/common/format-units.ts';
import type { UncountedFlows } from './flow-counts.ts';

/** Returns a line for each reason why flows count 0; none without such flows. */
export function uncountedLines({ noAction, noBytes, noAddress }: UncountedFlows): string[] {
  const reasons = [
    [noAction, 'no action'],
    [noBytes, 'no bytes'],
    [noAddress, 'no source or destination'],
  ] as const;
  return reasons.flatMap(([flows, reason]) =>
    flows > 0 ? `${formatInteger(flows)} flow${flows === 1 ? '' : 's'} counted 0: ${reason}` : [],
  );
}

/** Formats the lines for a report in text, with the page that explains them. */
export function uncountedText(uncounted: UncountedFlows): string {
  return uncountedLines(uncounted)
    .map((line) => `  ${line} (docs/reference/limits.md#input)\n`)
    .join('');
}
