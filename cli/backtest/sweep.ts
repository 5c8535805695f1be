import type { Rule } from '../../lambda/rules/model.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseMagnitude } from '../terminal/magnitude.ts';
import { hasThreshold } from './variant.ts';

/** Thresholds to try for a rule, besides its own. */
export interface Sweep {
  readonly rule: Rule;
  readonly thresholds: readonly number[];
}

const example = 'expected such as repeated_rejects=10,20,50 or data_exfiltration=50M,200M';

/**
 * Reads what to sweep: `RULE=10,20,50`, or with the comparison, `RULE:gte=10,20,50`. A rule given twice has all of its
 * thresholds.
 *
 * @throws InputError that says what is wrong, and which rules there are
 */
export function readSweeps(texts: readonly string[], rules: readonly Rule[]): Sweep[] {
  const byRule = Map.groupBy(
    texts.map((text) => readSweep(text, rules)),
    ({ rule }) => rule,
  );
  return [...byRule].map(([rule, sweeps]) => {
    const wanted = new Set(sweeps.flatMap(({ thresholds }) => thresholds));
    return { rule, thresholds: [...wanted].filter((threshold) => threshold !== rule.threshold) };
  });
}

function readSweep(text: string, rules: readonly Rule[]): Sweep {
  const [, name = '', comparison = 'threshold', list = ''] = /^([^:=]*)(?::([^=]*))?(?:=(.*))?$/s.exec(text) ?? [];
  const rule = rules.find((one) => one.name === name);
  if (!rule || !hasThreshold(rule)) {
    const known = rules.filter(hasThreshold).map((one) => one.name);
    const what = rule
      ? `${name} is a ${rule.correlation.type}, which has no threshold`
      : `no rule is named ${JSON.stringify(name)}`;
    throw new InputError(`--sweep ${text}: ${what}; there are ${known.join(', ')}`);
  }
  if (!['threshold', rule.comparison].includes(comparison.toLowerCase())) {
    throw new InputError(`--sweep ${text}: ${name} compares by ${rule.comparison}, got ${JSON.stringify(comparison)}`);
  }
  const numbers = list.split(',').map((one) => parseMagnitude(one.trim()));
  const thresholds = numbers.filter((one) => one !== undefined);
  if (thresholds.length < numbers.length || thresholds.length === 0) {
    throw new InputError(`--sweep ${text}: it has no list of numbers above 0, ${example}`);
  }
  return { rule, thresholds };
}
