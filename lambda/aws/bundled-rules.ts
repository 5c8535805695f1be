import { readFileSync } from 'node:fs';
import { FlowError, messageOf } from '../common/errors.ts';
import type { RuleSet } from '../rules/model.ts';

/**
 * Reads the compiled rule set of the bundle.
 *
 * @throws FlowError `CONFIG_INVALID` if the file is missing or invalid: counting without rules would look like peace
 */
export function readBundledRules(path: string | URL): RuleSet {
  let ruleSet: Partial<RuleSet>;
  try {
    ruleSet = JSON.parse(readFileSync(path, 'utf8')) as Partial<RuleSet>;
  } catch (error) {
    throw new FlowError('CONFIG_INVALID', `the compiled rules cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const { rules, series, filters, monitoredNetworks, internalNetworks, lists } = ruleSet;
  if (![rules, series, filters, monitoredNetworks, internalNetworks, lists].every(Array.isArray)) {
    throw new FlowError(
      'CONFIG_INVALID',
      `the compiled rule set ${String(path)} is invalid: expected rules, series, filters, monitoredNetworks, internalNetworks and lists`,
    );
  }
  return ruleSet as RuleSet;
}
