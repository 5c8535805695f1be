import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { createMemoryEngine, type MemoryEngine } from '../replay/memory-engine.ts';
import { recordingStore } from './recording-store.ts';
import { RuleStatistics } from './rule-statistics.ts';

/** A pipeline in memory that collects statistics of the alerts of each rule. */
export interface BacktestEngine extends MemoryEngine {
  /** Statistics by the name of the rule, for every rule of the set. */
  readonly statistics: ReadonlyMap<string, RuleStatistics>;
}

/** Unlimited messages: an alert is counted when it is due, and none is deferred. */
const noLimits = { perBatch: Number.POSITIVE_INFINITY, perMinute: Number.POSITIVE_INFINITY };

/**
 * Creates an engine for a rule set. Resolution notices are switched off, since they are not alerts.
 *
 * @param regions see loadRules
 */
export function createBacktestEngine(
  ruleSet: RuleSet,
  formats: readonly Format[],
  regions?: AddressSources['regions'],
): BacktestEngine {
  const rules = loadRules({ ...ruleSet, rules: ruleSet.rules.map((rule) => ({ ...rule, ended: false })) }, regions);
  const statistics = new Map(ruleSet.rules.map(({ name }) => [name, new RuleStatistics()]));
  const engine = createMemoryEngine({
    ...{ formats, rules, messages: noLimits },
    wrapStore: (store, keyOf) => recordingStore(store, keyOf, (alert) => statistics.get(alert.rule)?.add(alert)),
  });
  return { ...engine, statistics };
}
