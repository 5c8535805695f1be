import { writeQuantities } from '../../lambda/common/quantity.ts';
import { monitoringJson } from '../monitored-networks/left-out-text.ts';
import type { BacktestResult } from './result.ts';
import type { RuleStatistics } from './rule-statistics.ts';

/** Maximum number of listed keys of a rule. */
const maxKeys = 20;

/** Formats a backtest as one JSON document. */
export function backtestJson({ replayed, days, rules, sweeps, under, compared }: BacktestResult): string {
  const { files, records, monitoring, period, flowRange, lateFlows, isInterrupted } = replayed;
  const document = {
    files,
    records,
    ...(monitoring && monitoringJson(monitoring)),
    period: period ?? null,
    ...(lateFlows > 0 && { lateFlows }),
    ...(isInterrupted && { interrupted: true }),
    days: flowRange ? { first: days[0], last: days.at(-1), count: days.length } : null,
    ...(flowRange && flowRange.setAside > 0 && { flowsSetAside: flowRange.setAside }),
    unseen: replayed.unseen,
    rules: rules.map(({ rule: { name, level, status, comparison, threshold }, statistics }) => ({
      ...{ rule: name, level, status, comparison, threshold },
      ...sums(statistics),
      perDay: statistics.days,
      top: statistics.top(maxKeys),
    })),
    ...(sweeps.length > 0 && {
      sweeps: sweeps.map(({ rule: { name, comparison, threshold: own }, tried }) => ({
        ...{ rule: name, comparison, threshold: own },
        tried: tried.map(({ threshold, statistics }) => ({ threshold, ...sums(statistics) })),
      })),
    }),
    ...(under && {
      under: {
        most: under.most,
        suggestions: under.suggestions.map(({ rule: { name, comparison, threshold }, mostADay, keys, instead }) => ({
          ...{ rule: name, comparison, threshold, mostADay, keys, instead: instead ?? null },
        })),
      },
    }),
    ...(compared && { compared }),
  };
  return `${JSON.stringify(document, writeQuantities, 2)}\n`;
}

function sums({ alerts, escalations, keys, mostADay }: RuleStatistics) {
  return { alerts, escalations, keys, mostADay };
}
