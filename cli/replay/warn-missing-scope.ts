import type { Format } from '../../lambda/flow-log/format.ts';
import { missingScopeFields } from '../../lambda/flow-log/scope.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';

/** Warns on standard error about formats that lack fields of the setting `scope`. */
export function warnMissingScope({ scope }: Pick<RuleSet, 'scope'>, formats: readonly Format[]): void {
  if (scope === undefined) return;
  const missing = new Set(formats.flatMap(({ indexOf }) => missingScopeFields(scope, indexOf)));
  if (missing.size === 0) return;
  process.stderr.write(
    `flow-sentinel: a format lacks ${[...missing].join(' and ')} of the scope ${scope}; its networks with the same addresses count together\n`,
  );
}
