import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { printable } from '../../lambda/common/text.ts';
import { expiredFilters } from '../../lambda/rules/expired.ts';
import type { AppliedFilter } from '../../lambda/rules/model.ts';

const noticeSeconds = 14 * 86_400;

/**
 * Warns at synth of filters that have expired, or will within 14 days. The template is the same on any day.
 *
 * @param now in epoch seconds
 */
export function warnOfExpiredFilters(scope: Construct, filters: readonly AppliedFilter[], now: number): void {
  const expired = new Set(expiredFilters(filters, now));
  for (const filter of expiredFilters(filters, now + noticeSeconds)) {
    const { title, file, expires } = filter;
    const what = expired.has(filter) ? 'no longer applies, its last day was' : 'applies no longer than';
    Annotations.of(scope).addWarningV2(
      `flow-sentinel:filterExpiry:${file}:${title}`,
      printable(`the filter ${JSON.stringify(title)} in ${file} ${what} ${expires}`),
    );
  }
}
