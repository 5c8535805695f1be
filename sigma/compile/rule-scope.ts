import type { Measure, Predicate, Series } from '../../lambda/rules/model.ts';
import { formatTimespan, parseTimespan } from '../parse/timespan.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import { type CorrelationKey, keyFieldsOf, type SourcedReference } from './correlation-key.ts';
import type { Checked, Problem } from './problem.ts';
import { newSeries } from './series.ts';

/**
 * The state of one rule's compilation: the key and the timespan that all its parts share, the series that they need,
 * and the problems found so far.
 */
export class RuleScope {
  readonly groupBy: readonly string[];
  readonly timespanSeconds: number;
  /** The series of the rule, in the order in which its parts asked for them. */
  readonly series: Series[] = [];
  readonly problems: Problem[];
  readonly #key: CorrelationKey;
  readonly #keyFields = new Map<string, ReadonlyMap<string, string>>();

  /** @param problems the problems found before, which the scope continues */
  constructor(key: CorrelationKey, timespanSeconds: number, problems: readonly Problem[]) {
    this.#key = key;
    this.groupBy = key.groupBy;
    this.timespanSeconds = timespanSeconds;
    this.problems = [...problems];
  }

  report(path: YamlPath, text: string): void {
    this.problems.push({ path, text });
  }

  /** Reads a duration, and reports an invalid one. @returns seconds */
  seconds(text: string, path: YamlPath, maxSeconds: number): number {
    const { value, problems } = durationOf(text, path, maxSeconds);
    this.problems.push(...problems);
    return value;
  }

  /** Adds the series of the flows or events that match any of `where`, per key. @returns its id */
  add(rule: SourcedReference, where: readonly Predicate[], measure: Measure): string {
    const keyFields = this.#keyFieldsOf(rule);
    const { timespanSeconds } = this;
    const series = newSeries({ where, eventSource: rule.eventSource, keyFields, measure, timespanSeconds });
    this.series.push(series);
    return series.id;
  }

  /**
   * Adds the series of several rules. Rules that read the key from the same fields share a series, which counts a flow
   * once.
   *
   * @param condition a further condition on the flows
   * @returns the ids
   */
  addAll(rules: readonly CountedRule[], measure: Measure, condition?: Predicate): string[] {
    const byFields = Map.groupBy(rules, (rule) => [...this.#keyFieldsOf(rule).values()].join());
    return [...byFields.values()].map((sharing) => {
      const where = sharing.map((rule) => (condition ? { all: [rule.where!, condition] } : rule.where!));
      return this.add(sharing[0]!, where, measure);
    });
  }

  /** Returns the fields of a rule's flows or events that make the key. Reports an incomplete alias once per rule. */
  #keyFieldsOf(rule: SourcedReference): ReadonlyMap<string, string> {
    const known = this.#keyFields.get(rule.name);
    if (known) return known;
    const { value, problems } = keyFieldsOf(this.#key, rule);
    this.problems.push(...problems);
    this.#keyFields.set(rule.name, value);
    return value;
  }
}

/** A rule whose flows or events are counted. */
interface CountedRule extends SourcedReference {
  readonly where?: Predicate;
}

/** Reads a duration such as `15m`. An invalid one counts as one second, so that the other checks continue. */
export function durationOf(text: string, path: YamlPath, maxSeconds: number): Checked<number> {
  const parsed = parseTimespan(text);
  if (parsed !== undefined && parsed <= maxSeconds) return { value: parsed, problems: [] };
  const problem = `the duration ${JSON.stringify(text)} is invalid: expected a form such as 30s, 15m, 1h or 7d, at most ${formatTimespan(maxSeconds)}`;
  return { value: 1, problems: [{ path, text: problem }] };
}
