import { loadRules } from '../../lambda/rules/load.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { openFlowFiles } from '../flow-files/open.ts';
import { RangeFilter, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import { readSources } from '../names/read-sources.ts';
import { reportIncomplete } from '../replay/exit-status.ts';
import { monitoredRules } from '../replay/monitored-rules.ts';
import { replayFiles } from '../replay/replay-files.ts';
import type { RunOptions } from '../replay/run-events.ts';
import { warnEmptyLists } from '../replay/warn-empty-lists.ts';
import { warnMissingScope } from '../replay/warn-missing-scope.ts';
import { ReportCollector } from '../report/report-collector.ts';
import { compiledRules, onlyRules, withRules } from '../rules/load-rules.ts';
import { writeChunks } from '../terminal/stdout.ts';
import { backtestDays } from './backtest-days.ts';
import { type BacktestEngine, createBacktestEngine } from './backtest-engine.ts';
import { backtestJson } from './backtest-json.ts';
import { backtestText } from './backtest-text.ts';
import { comparisonOf } from './comparison.ts';
import type { BacktestResult } from './result.ts';
import { suggestionOf, type ThresholdResult } from './suggestion.ts';
import { readSweeps } from './sweep.ts';
import { type CompiledVariant, withVariants } from './variant.ts';
import { defaultVariants, sweptVariants } from './variants.ts';

/** Options of the command. */
export interface BacktestOptions extends RunOptions, TimeRangeOptions {
  /** Other thresholds to try, such as `repeated_rejects=10,20,50`. */
  readonly sweep?: readonly string[];
  /** Maximum alerts a day; a threshold is suggested for each rule that exceeds it. */
  readonly under?: number;
  /** Another directory of rules to evaluate. */
  readonly compare?: string;
  /** Names of the rules to evaluate (default: all). */
  readonly rule?: readonly string[];
  readonly json?: boolean;
}

/**
 * Counts the alerts of rules, of their variants and of other rules in one pass over flow log files, and prints the result.
 *
 * @throws InputError if no line is readable, or a rule or threshold is invalid; otherwise as `reportIncomplete`
 */
export async function backtest(paths: readonly string[], options: BacktestOptions, signal: AbortSignal): Promise<void> {
  const result = await backtestFiles(paths, options, signal);
  if (options.json) await writeChunks([backtestJson(result)]);
  else process.stdout.write(backtestText(result));
  reportIncomplete(result.replayed);
}

/** Returns the result that `backtest` prints. */
export async function backtestFiles(
  paths: readonly string[],
  options: BacktestOptions,
  signal: AbortSignal,
): Promise<BacktestResult> {
  const { rules: directory, networks, format, sweep = [], under, compare, rule } = options;
  const range = timeRangeOf(options);
  const { ruleSet: all, monitored } = monitoredRules(options);
  const ruleSet = onlyRules(rule, all);
  const { monitoredNetworks, scope } = ruleSet;
  const { regions } = await readSources(options);
  const compileOptions = { hasRegions: regions !== undefined };
  const compile = (thresholds: ReadonlyMap<string, number>) =>
    compileRuleDirectory(directory, networks, { thresholds, ...compileOptions });
  warnEmptyLists(ruleSet);
  const sweeps = readSweeps(sweep, ruleSet);
  const swept = sweptVariants(sweeps, compile);
  const defaults = under === undefined ? [] : defaultVariants(ruleSet.rules, compile);
  const otherRules =
    compare === undefined
      ? undefined
      : {
          ...comparedRules(compiledRules({ ...options, rules: compare }, compileOptions), rule),
          monitoredNetworks,
          scope,
        };
  const files = await openFlowFiles(paths, { format, needsTimes: true, signal });
  warnMissingScope(ruleSet, files.formats);
  const engine = createBacktestEngine(withVariants(ruleSet, [...swept, ...defaults]), files.formats, regions);
  const otherEngine = otherRules && createBacktestEngine(otherRules, files.formats, regions);
  const count: BacktestEngine['count'] = async (records) => {
    const counted = await engine.count(records);
    await otherEngine?.count(records);
    return counted;
  };
  const collector = new ReportCollector(loadRules(ruleSet, regions), files.formats, { areLogs: true });
  const replayed = await replayFiles(
    files,
    { ...engine, count },
    {
      label: 'backtest',
      collector,
      monitored,
      filter: range && new RangeFilter(range),
      signal,
    },
  );
  const { days, tail } = backtestDays(replayed.flowRange);
  if (tail !== undefined) {
    for (const one of [engine, ...(otherEngine ? [otherEngine] : [])]) {
      for (const statistics of one.statistics.values()) statistics.moveDay(tail, days.at(-1)!);
    }
  }
  const statisticsOf = (name: string) => engine.statistics.get(name)!;
  const rules = ruleSet.rules.map((rule) => ({ rule, statistics: statisticsOf(rule.name) }));
  const triedOf = ({ name }: Rule, variants: readonly CompiledVariant[]): ThresholdResult[] =>
    variants.flatMap(({ variant }) =>
      variant.rule === name ? { threshold: variant.threshold, statistics: statisticsOf(variant.name) } : [],
    );
  return {
    replayed,
    days,
    rules,
    sweeps: sweeps.map(({ rule }) => {
      const own = { threshold: rule.threshold, statistics: statisticsOf(rule.name) };
      return { rule, tried: [own, ...triedOf(rule, swept)].sort((a, b) => a.threshold - b.threshold) };
    }),
    under:
      under === undefined
        ? undefined
        : {
            most: under,
            suggestions: rules.flatMap(
              ({ rule, statistics }) => suggestionOf(rule, statistics, triedOf(rule, defaults), under) ?? [],
            ),
          },
    compared:
      otherEngine && compare !== undefined
        ? {
            directory: compare,
            ...comparisonOf(new Map(rules.map((one) => [one.rule.name, one.statistics])), otherEngine.statistics),
          }
        : undefined,
  };
}

/** Returns the other set with only the named rules (default: all); it may lack some of them. */
function comparedRules(other: RuleSet, names: readonly string[] | undefined): RuleSet {
  return names === undefined
    ? other
    : withRules(
        other.rules.filter(({ name }) => names.includes(name)),
        other,
      );
}
