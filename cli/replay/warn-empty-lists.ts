import { enumerated, plural } from '../../lambda/common/text.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';

/** Says on standard error which lists of networks hold nothing here, since only the function reads them: from S3. */
export function warnEmptyLists({ lists }: Pick<RuleSet, 'lists'>): void {
  const names = lists.filter(({ s3, entries }) => s3 && entries.length === 0).map(({ name }) => name);
  if (names.length === 0) return;
  const what = `${plural(names.length, 'list')} of networks that ${names.length === 1 ? 'is' : 'are'} in S3 only`;
  process.stderr.write(`flow-sentinel: empty here: ${what} (${enumerated(names)}); give what is in it by --networks\n`);
}
