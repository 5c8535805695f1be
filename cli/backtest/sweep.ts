import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { offText } from '../../sigma/compile/off-rules.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseMagnitude } from '../terminal/magnitude.ts';
import { hasThreshold } from './variant.ts';

/** Other thresholds to try for a rule. */
export interface Sweep {
  readonly rule: Rule;
  readonly thresholds: readonly number[];
}

const expectedForm = 'expected numbers above 0, such as repeated_rejects=10,20,50 or data_exfiltration=50M,200M';

/**
 * Reads the sweeps: `RULE=10,20,50`, or with the comparison, `RULE:gte=10,20,50`. Sweeps of the same rule are merged.
 *
 * @throws InputError with the reason, and with the known rules for an unknown one
 */
export function readSweeps(texts: readonly string[], ruleSet: Pick<RuleSet, 'rules' | 'off'>): Sweep[] {
  const byRule = Map.groupBy(
    texts.map((text) => readSweep(text, ruleSet)),
    ({ rule }) => rule,
  );
  return [...byRule].map(([rule, sweeps]) => {
    const wanted = new Set(sweeps.flatMap(({ thresholds }) => thresholds));
    return { rule, thresholds: [...wanted].filter((threshold) => threshold !== rule.threshold) };
  });
}

function readSweep(text: string, { rules, off = [] }: Pick<RuleSet, 'rules' | 'off'>): Sweep {
  const [, name = '', comparison = 'threshold', list = ''] = /^([^:=]*)(?::([^=]*))?(?:=(.*))?$/s.exec(text) ?? [];
  const rule = rules.find((one) => one.name === name);
  if (!rule || !hasThreshold(rule)) {
    const known = rules.filter(hasThreshold).map((one) => one.name);
    const isOff = off.find((one) => one.name === name);
    const problem = rule
      ? `${name} is a ${rule.correlation.type}, which has no threshold`
      : isOff
        ? `the rule ${name} is ${offText(isOff)}`
        : `the rule ${JSON.stringify(name)} is unknown`;
    throw new InputError(`--sweep ${text} is invalid: ${problem}; expected one of ${known.join(', ')}`);
  }
  if (!['threshold', rule.comparison].includes(comparison.toLowerCase())) {
    throw new InputError(
      `--sweep ${text} is invalid: got the comparison ${JSON.stringify(comparison)}, expected ${rule.comparison}`,
    );
  }
  const numbers = list.split(',').map((one) => parseMagnitude(one.trim()));
  const thresholds = numbers.filter((one) => one !== undefined);
  if (thresholds.length < numbers.length || thresholds.length === 0) {
    throw new InputError(`--sweep ${text} is invalid: ${expectedForm}`);
  }
  return { rule, thresholds };
}
