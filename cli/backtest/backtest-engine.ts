import type { Format } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import type { Judging } from '../replay/engine.ts';
import { judgeInMemory } from '../replay/memory-engine.ts';
import { recordingStore } from './recording-store.ts';
import { RuleTally } from './rule-statistics.ts';

/** A pipeline of which the alerts of each rule are counted. */
export interface BacktestJudging extends Judging {
  /** By the name of the rule, each of the set. */
  readonly tallies: ReadonlyMap<string, RuleTally>;
}

/** No message is put off: an alert is counted when it is due. */
const noLimits = { perBatch: Number.POSITIVE_INFINITY, perMinute: Number.POSITIVE_INFINITY };

/** The pipeline, in memory, by a rule set. Notes of an end are no alerts and nobody waits for them. */
export function backtestJudging(ruleSet: RuleSet, formats: readonly Format[]): BacktestJudging {
  const rules = loadRules({ ...ruleSet, rules: ruleSet.rules.map((rule) => ({ ...rule, ended: false })) });
  const tallies = new Map(ruleSet.rules.map(({ name }) => [name, new RuleTally()]));
  const judging = judgeInMemory({
    ...{ formats, rules, messages: noLimits },
    watch: (store) => recordingStore(store, (alert) => tallies.get(alert.rule)?.add(alert)),
  });
  return { ...judging, tallies };
}
