import type { Format } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import type { Engine } from '../replay/engine.ts';
import { createMemoryEngine } from '../replay/memory-engine.ts';
import { RecordingStore } from './recording-store.ts';
import { RuleStatistics } from './rule-statistics.ts';

/** A pipeline of which the alerts of each rule are counted. */
export interface BacktestEngine extends Engine {
  /** By the name of the rule, each of the set. */
  readonly statistics: ReadonlyMap<string, RuleStatistics>;
}

/** No message is put off: an alert is counted when it is due. */
const noLimits = { perBatch: Number.POSITIVE_INFINITY, perMinute: Number.POSITIVE_INFINITY };

/** The pipeline, in memory, by a rule set. Notes of an end are no alerts and nobody waits for them. */
export function createBacktestEngine(ruleSet: RuleSet, formats: readonly Format[]): BacktestEngine {
  const rules = loadRules({ ...ruleSet, rules: ruleSet.rules.map((rule) => ({ ...rule, ended: false })) });
  const tallies = new Map(ruleSet.rules.map(({ name }) => [name, new RuleStatistics()]));
  const judging = createMemoryEngine({
    ...{ formats, rules, messages: noLimits },
    wrapStore: (store) => new RecordingStore(store, (alert) => tallies.get(alert.rule)?.add(alert)),
  });
  return { ...judging, statistics: tallies };
}
