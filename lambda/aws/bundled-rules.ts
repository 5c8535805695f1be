import { readFileSync } from 'node:fs';
import { FlowError, messageOf } from '../common/errors.ts';
import type { RuleSet } from '../rules/model.ts';

/**
 * Reads a compiled rule set.
 *
 * @throws FlowError `CONFIG_INVALID` when the file is missing or is none: to count without rules would look like peace
 */
export function readBundledRules(path: string | URL): RuleSet {
  let ruleSet: Partial<RuleSet>;
  try {
    ruleSet = JSON.parse(readFileSync(path, 'utf8')) as Partial<RuleSet>;
  } catch (error) {
    throw new FlowError('CONFIG_INVALID', `the compiled rules cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const { rules, series, filters, monitoredNetworks, lists } = ruleSet;
  if (![rules, series, filters, monitoredNetworks, lists].every(Array.isArray)) {
    throw new FlowError(
      'CONFIG_INVALID',
      `${String(path)} is no compiled rule set, expected rules, series, filters, monitoredNetworks and lists`,
    );
  }
  return ruleSet as RuleSet;
}
