import { FlowError } from '../../lambda/common/errors.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { InputError } from '../terminal/input-error.ts';
import { defaultThresholds } from './default-thresholds.ts';
import type { Sweep } from './sweep.ts';
import { type CompiledVariant, hasThreshold, type Variant, variantOf } from './variant.ts';

/** Compiles the rules with other thresholds, by the rules' names; throws FlowError `RULE_INVALID`. */
export type CompileWith = (thresholds: ReadonlyMap<string, number>) => RuleSet;

/**
 * The variants that a sweep asks for, each compiled as if its file said so.
 *
 * @throws InputError when a rule cannot have a threshold
 */
export function sweptVariants(sweeps: readonly Sweep[], compile: CompileWith): CompiledVariant[] {
  return sweeps.flatMap(({ rule: { name }, thresholds }) =>
    thresholds.map((threshold) => {
      const variant = variantOf(name, threshold);
      try {
        return { variant, ruleSet: compile(new Map([[name, threshold]])), sharesSets: false };
      } catch (error) {
        if (!(error instanceof FlowError)) throw error;
        throw new InputError(`--sweep ${name}=${threshold}: ${error.message.split('\n')[0]}`);
      }
    }),
  );
}

/** The variants of all rules at the steps of their ladders, each up to the first step that it cannot have. */
export function defaultVariants(rules: readonly Rule[], compile: CompileWith): CompiledVariant[] {
  const found: CompiledVariant[] = [];
  let ladders = rules.filter(hasThreshold).map((rule) => ({ rule: rule.name, steps: defaultThresholds(rule) }));
  for (let step = 0; ladders.length > 0; step += 1) {
    const wanted = ladders.flatMap(({ rule, steps }) =>
      steps.slice(step, step + 1).map((at) => variantOf(rule, at, 'ladder:')),
    );
    const compiled = compiledVariants(wanted, compile);
    found.push(...compiled);
    const isThere = new Set(compiled.map(({ variant }) => variant.rule));
    ladders = ladders.filter(({ rule }) => isThere.has(rule));
  }
  return found;
}

/** Variants of different rules, compiled together where all of them can be. */
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
