import { enumerated, plural } from '../../lambda/common/text.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';

/** Warns on standard error about network lists that are empty here, since only the function reads them from S3. */
export function warnEmptyLists({ lists }: Pick<RuleSet, 'lists'>): void {
  const names = lists.filter(({ s3, entries }) => s3 && entries.length === 0).map(({ name }) => name);
  if (names.length === 0) return;
  const subject = `${plural(names.length, 'network list')} in S3`;
  const verb = names.length === 1 ? 'is' : 'are';
  process.stderr.write(
    `flow-sentinel: ${subject} ${verb} empty here (${enumerated(names)}); give the entries by --networks\n`,
  );
}
