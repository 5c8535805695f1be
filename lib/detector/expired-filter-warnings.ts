import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { daySeconds } from '../../lambda/common/calendar.ts';
import { printable } from '../../lambda/common/text.ts';
import { expiredFilters } from '../../lambda/rules/expired.ts';
import type { AppliedFilter } from '../../lambda/rules/model.ts';

const noticeSeconds = 14 * daySeconds;

/**
 * Warns at synth about filters that have expired or expire within 14 days. The template does not depend on the day.
 *
 * @param now epoch seconds
 */
export function warnOfExpiredFilters(scope: Construct, filters: readonly AppliedFilter[], now: number): void {
  const expired = new Set(expiredFilters(filters, now));
  for (const filter of expiredFilters(filters, now + noticeSeconds)) {
    const { title, file, expires } = filter;
    const what = expired.has(filter) ? 'has expired, its last day was' : 'expires soon, its last day is';
    Annotations.of(scope).addWarningV2(
      `flow-sentinel:filterExpiry:${file}:${title}`,
      printable(`the filter ${JSON.stringify(title)} in ${file} ${what} ${expires}`),
    );
  }
}
