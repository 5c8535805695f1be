import { FlowError } from '../../lambda/common/errors.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { InputError } from '../terminal/input-error.ts';
import { defaultThresholds } from './default-thresholds.ts';
import type { Sweep } from './sweep.ts';
import { type CompiledVariant, hasThreshold, type Variant, variantOf } from './variant.ts';

/** Compiles the rules with other thresholds by rule name; throws FlowError `RULE_INVALID`. */
export type CompileWith = (thresholds: ReadonlyMap<string, number>) => RuleSet;

/**
 * Compiles the variants of the sweeps, each as if its rule file had the threshold.
 *
 * @throws InputError if a rule does not support a threshold
 */
export function sweptVariants(sweeps: readonly Sweep[], compile: CompileWith): CompiledVariant[] {
  return sweeps.flatMap(({ rule: { name }, thresholds }) =>
    thresholds.map((threshold) => {
      const variant = variantOf(name, threshold);
      try {
        return { variant, ruleSet: compile(new Map([[name, threshold]])), sharesSets: false };
      } catch (error) {
        if (!(error instanceof FlowError)) throw error;
        throw new InputError(`--sweep ${name}=${threshold} is invalid: ${error.message.split('\n')[0]}`);
      }
    }),
  );
}

/** Compiles the variants of all rules with the default thresholds, each up to the first unsupported threshold. */
export function defaultVariants(rules: readonly Rule[], compile: CompileWith): CompiledVariant[] {
  const found: CompiledVariant[] = [];
  let remaining = rules.filter(hasThreshold).map((rule) => ({ rule: rule.name, thresholds: defaultThresholds(rule) }));
  for (let step = 0; remaining.length > 0; step += 1) {
    const wanted = remaining.flatMap(({ rule, thresholds }) =>
      thresholds.slice(step, step + 1).map((threshold) => variantOf(rule, threshold, 'default:')),
    );
    const compiled = compiledVariants(wanted, compile);
    found.push(...compiled);
    const supported = new Set(compiled.map(({ variant }) => variant.rule));
    remaining = remaining.filter(({ rule }) => supported.has(rule));
  }
  return found;
}

/** Compiles variants of different rules together, and halves them until no unsupported threshold is left. */
function compiledVariants(variants: readonly Variant[], compile: CompileWith): CompiledVariant[] {
  if (variants.length === 0) return [];
  try {
    const ruleSet = compile(new Map(variants.map(({ rule, threshold }) => [rule, threshold])));
    return variants.map((variant) => ({ variant, ruleSet, sharesSets: true }));
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    if (variants.length === 1) return [];
    const half = Math.ceil(variants.length / 2);
    return [...compiledVariants(variants.slice(0, half), compile), ...compiledVariants(variants.slice(half), compile)];
  }
}
