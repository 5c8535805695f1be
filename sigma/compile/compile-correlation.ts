import { type Field, fields } from '../../lambda/flow-log/fields.ts';
import { isOfPairs } from '../../lambda/rules/correlation.ts';
import type {
  Correlation,
  Extension,
  Measure,
  Part,
  Predicate,
  Rule,
  Series,
  ValueCorrelation,
} from '../../lambda/rules/model.ts';
import type { CorrelationDocument, DetectionDocument } from '../parse/schema.ts';
import { parseTimespan } from '../parse/timespan.ts';
import type { Path, SourceDocument } from '../parse/yaml-document.ts';
import { shareSeries } from './series.ts';
import { fieldNamed } from './taxonomy.ts';

/** By what a correlation's aliases know a rule. */
export interface Named {
  /** Its name, or its id or title where it has none. */
  readonly name: string;
  readonly id?: string | undefined;
}

/** One of the rules that a correlation refers to. */
export interface Referenced extends Named {
  /** Of a detection: its flows. */
  readonly where?: Predicate;
  /** Of a correlation: itself, and the detections that it refers to. */
  readonly correlation?: CorrelationDocument['correlation'];
  readonly rules?: readonly Referenced[];
}

const maxTimespanSeconds = 7 * 86_400;
const defaultSuppressSeconds = 6 * 3600;
const defaultEscalate = [2, 10, 100];

/** How many times at which a flow ended a slot keeps, to tell what came before what. */
const keptTimes = 20;

/** What a detection without a correlation means: each pair that matches at least once. */
const standalone: CorrelationDocument['correlation'] = {
  type: 'event_count',
  rules: [],
  'group-by': ['srcaddr', 'dstaddr'],
  timespan: '1h',
  condition: { gte: 1 },
};

/**
 * Compiles one rule that alerts: a correlation, or a detection that stands alone.
 *
 * @param name the rule's name: letters, digits and `_ . -`
 * @param referenced the rules that it is about
 * @param find looks up a detection by name for the rule's own block; adds a problem where there is none
 * @param series the series known so far; the rule's own are added
 * @param problems what is wrong is added here
 */
export function compileRule(
  name: string,
  source: SourceDocument,
  document: DetectionDocument | CorrelationDocument,
  referenced: readonly Referenced[],
  find: (name: string, path: Path) => Predicate | undefined,
  series: Map<string, Series>,
  problems: string[],
): Rule | undefined {
  const before = problems.length;
  const report = (path: Path, text: string) => problems.push(source.problem(path, text));
  if (!/^[\w.-]{1,64}$/.test(name)) {
    report([], `a rule is named after its file, by up to 64 letters, digits and _ . -, got ${JSON.stringify(name)}`);
  }
  if (document.status === 'deprecated' || document.status === 'unsupported') {
    report(['status'], `a rule that is ${document.status} does not run: remove it, or set its status to test`);
  }
  const correlation = 'correlation' in document ? document.correlation : standalone;
  const seconds = (text: string, path: Path, most: number) => {
    const parsed = parseTimespan(text);
    if (parsed !== undefined && parsed <= most) return parsed;
    report(
      path,
      `${JSON.stringify(text)} is no timespan, expected one such as 30s, 15m, 1h or 7d, at most ${most / 86_400}d`,
    );
    return 1;
  };
  const timespanSeconds = seconds(correlation.timespan, ['correlation', 'timespan'], maxTimespanSeconds);
  const suppress = document.alert?.suppress;
  const suppressSeconds =
    suppress === undefined ? defaultSuppressSeconds : seconds(suppress, ['alert', 'suppress'], 30 * 86_400);
  const compiler = new CorrelationCompiler(correlation, timespanSeconds, series, report);
  const judged = compiler.compile(referenced);
  const extension =
    'flow_sentinel' in document && document.flow_sentinel
      ? extensionOf(document.flow_sentinel, correlation.type, compiler, seconds, find, report)
      : {};
  if (problems.length > before || !judged) return undefined;
  const hasMultiples = isOfValue(judged.correlation) || judged.correlation.type === 'value_avg';
  const isExtended = Object.keys(extension).length > 0;
  const escalate = document.alert?.escalate ?? (hasMultiples && !isExtended ? defaultEscalate : []);
  if (escalate.length > 0 && !hasMultiples) {
    report(['alert', 'escalate'], `a ${correlation.type} has no multiples to escalate at, expected []`);
    return undefined;
  }
  const tags = (pattern: RegExp) => (document.tags ?? []).flatMap((tag) => pattern.exec(tag)?.[1] ?? []);
  return {
    name,
    title: document.title,
    description: document.description?.trim() ?? '',
    status: document.status === 'experimental' || document.status === 'stable' ? document.status : 'test',
    level: document.level ?? 'medium',
    techniques: tags(/^attack\.(t\d{4}(?:\.\d{3})?)$/).map((technique) => technique.toUpperCase()),
    tactics: tags(/^attack\.([a-z-]+)$/),
    references: document.references ?? [],
    falsepositives: [document.falsepositives ?? []].flat(),
    groupBy: [...compiler.groupBy],
    ...judged,
    timespanSeconds,
    extension,
    suppressSeconds,
    backoff: document.alert?.backoff ?? 1,
    escalate: [...escalate].sort((a, b) => a - b),
    ended: document.alert?.ended ?? false,
    next: document.alert?.next ?? [],
  };
}

/** The rule as it would be with another threshold; a detection that stands alone then asks for so many flows. */
export function withThreshold(
  document: DetectionDocument | CorrelationDocument,
  threshold: number | undefined,
): DetectionDocument | CorrelationDocument {
  if (threshold === undefined) return document;
  const correlation = 'correlation' in document ? document.correlation : standalone;
  const comparison = correlation.condition?.gt === undefined ? 'gte' : 'gt';
  const condition = { ...correlation.condition, [comparison]: threshold };
  if ('correlation' in document) return { ...document, correlation: { ...correlation, condition } };
  const { logsource: _, detection: __, ...about } = document;
  return { ...about, correlation: { ...correlation, condition } };
}

function isOfValue(correlation: Pick<Correlation, 'type'>): correlation is ValueCorrelation {
  return ['event_count', 'value_sum', 'value_count'].includes(correlation.type);
}

type Condition = Pick<Rule, 'comparison' | 'threshold'>;

/** Compiles a correlation's own block, and those of the correlations that it refers to, with its group-by. */
class CorrelationCompiler {
  readonly groupBy: readonly string[];
  readonly timespanSeconds: number;
  readonly #correlation: CorrelationDocument['correlation'];
  readonly #series: Map<string, Series>;
  readonly #report: (path: Path, text: string) => void;
  readonly #groups = new Map<string, ReadonlyMap<string, string>>();

  constructor(
    correlation: CorrelationDocument['correlation'],
    timespanSeconds: number,
    series: Map<string, Series>,
    report: (path: Path, text: string) => void,
  ) {
    const aliases = correlation.aliases ?? {};
    this.#correlation = correlation;
    this.timespanSeconds = timespanSeconds;
    this.#series = series;
    this.#report = report;
    const keyOf = (name: string) => (Object.hasOwn(aliases, name) ? name : nameOf(name));
    this.groupBy = correlation['group-by'].map((name, index) => {
      const path = ['correlation', 'group-by', index];
      const named = keyOf(name);
      const first = correlation['group-by'].findIndex((other) => keyOf(other) === named);
      if (named === undefined) report(path, noField(name));
      else if (first !== index) report(path, `${name} stands there twice`);
      return named ?? name;
    });
    for (const [alias, fieldsOfRules] of Object.entries(aliases)) {
      const path = ['correlation', 'aliases', alias];
      if (nameOf(alias) !== undefined) report(path, `${alias} is the name of a field, expected another for an alias`);
      if (!/^[\w.-]{1,64}$/.test(alias)) report(path, 'an alias has up to 64 letters, digits and _ . -');
      for (const [rule, field] of Object.entries(fieldsOfRules)) {
        if (nameOf(field) === undefined) {
          report([...path, rule], noField(field));
        }
      }
    }
  }

  compile(referenced: readonly Referenced[]): (Condition & { correlation: Correlation }) | undefined {
    const { type } = this.#correlation;
    if (type === 'temporal' || type === 'temporal_ordered') return this.#temporal(type, referenced);
    const chained = referenced.findIndex(({ correlation }) => correlation);
    if (chained >= 0) {
      this.#report(
        ['correlation', 'rules', chained],
        `${type} cannot count the matches of a correlation, since a stream has no moment at which one is over; only temporal and temporal_ordered take one`,
      );
      return undefined;
    }
    const condition = this.#conditionOf(this.#correlation, ['correlation']);
    return condition && this.#measured(this.#correlation, condition, referenced, ['correlation']);
  }

  /** Adds the series of a detection's flows per group, and answers its id. */
  add(rule: Named, where: readonly Predicate[], measure: Measure): string {
    const group = this.#groupOf(rule);
    return shareSeries(this.#series, { where, group, measure, timespanSeconds: this.timespanSeconds });
  }

  /** The field in which a rule has each part of the key: itself, or what its alias says of the rule, by name or id. */
  #groupOf(rule: Named): ReadonlyMap<string, string> {
    const group = this.#groups.get(rule.name) ?? new Map(this.groupBy.map((key) => [key, this.#fieldFor(key, rule)]));
    this.#groups.set(rule.name, group);
    return group;
  }

  #fieldFor(key: string, { name, id }: Named): string {
    const { aliases = {} } = this.#correlation;
    if (!Object.hasOwn(aliases, key)) return nameOf(key) ?? key;
    const alias = new Map(Object.entries(aliases[key]!));
    const field = alias.get(name) ?? (id === undefined ? undefined : alias.get(id));
    if (field === undefined) {
      this.#report(['correlation', 'aliases', key], `the alias ${key} says nothing of the rule ${name}`);
    }
    return nameOf(field ?? key) ?? key;
  }

  /** Rules that read a group from the same fields make one series, in which a flow counts once; others one each. */
  #addAll(referenced: readonly Referenced[], measure: Measure, also?: Predicate): string[] {
    const byFields = Map.groupBy(referenced, (rule) => [...this.#groupOf(rule).values()].join());
    return [...byFields.values()].map((rules) => {
      const where = rules.map((rule) => (also ? { all: [rule.where!, also] } : rule.where!));
      return this.add(rules[0]!, where, measure);
    });
  }

  #conditionOf({ type, condition }: CorrelationDocument['correlation'], path: Path): Condition | undefined {
    if (!condition) {
      this.#report(path, `${type} needs a condition`);
      return undefined;
    }
    const comparison = condition.gt === undefined ? 'gte' : 'gt';
    const threshold = condition.gt ?? condition.gte ?? 0;
    if (comparison === 'gte' && threshold === 0) {
      this.#report([...path, 'condition', 'gte'], 'gte: 0 is always true, expected 1 or more');
    }
    if (!Number.isInteger(threshold) && type !== 'value_avg') {
      this.#report([...path, 'condition', comparison], `${type} is a whole number, expected one to compare it to`);
    }
    return { comparison, threshold };
  }

  #measured(
    { type, condition }: CorrelationDocument['correlation'],
    { comparison, threshold }: Condition,
    referenced: readonly Referenced[],
    path: Path,
  ): (Condition & { correlation: Exclude<Correlation, { parts: unknown }> }) | undefined {
    const due = comparison === 'gt' ? threshold + 1 : threshold;
    const fieldPath = [...path, 'condition', 'field'];
    const [name, ...others] = [condition?.field ?? []].flat();
    if (type !== 'value_percentile' && condition?.percentile !== undefined) {
      this.#report([...path, 'condition', 'percentile'], `${type} takes no percentile`);
    }
    if (type === 'event_count') {
      if (name !== undefined) this.#report(fieldPath, 'event_count counts flows and takes no field');
      return { comparison, threshold, correlation: { type, series: this.#addAll(referenced, { kind: 'count' }) } };
    }
    const field = this.#fieldOf(type, name, fieldPath);
    const also = others.map((other) => this.#fieldOf(type, other, fieldPath));
    if (field === undefined || also.includes(undefined)) return undefined;
    if (type === 'value_count') {
      const measure: Measure = {
        kind: 'distinct',
        field,
        ...(also.length > 0 && { also: also.filter((one) => one !== undefined) }),
        cap: Math.max(10 * due, 20),
      };
      return { comparison, threshold, correlation: { type, field, series: this.#addAll(referenced, measure) } };
    }
    if (also.length > 0) this.#report(fieldPath, `${type} takes one field`);
    const { kind } = fields.get(field) as Field;
    if (kind !== 'int64' && kind !== 'int32') {
      this.#report(fieldPath, `${type} needs a field that holds an amount, such as bytes, got ${field}`);
      return undefined;
    }
    const hasValue: Predicate = { field, tests: [{ exists: true }] };
    switch (type) {
      case 'value_sum': {
        const series = this.#addAll(referenced, { kind: 'sum', field });
        return { comparison, threshold, correlation: { type, field, series } };
      }
      case 'value_avg': {
        const sums = this.#addAll(referenced, { kind: 'sum', field });
        const counts = this.#addAll(referenced, { kind: 'count' }, hasValue);
        return { comparison, threshold, correlation: { type, field, sums, counts } };
      }
      case 'value_percentile': {
        const percentile = condition?.percentile;
        if (percentile === undefined) {
          this.#report(path, 'value_percentile needs condition.percentile, a number from 1 to 100; the median is 50');
          return undefined;
        }
        const isAbove: Predicate = { field, tests: [{ compare: comparison, to: threshold }] };
        const above = this.#addAll(referenced, { kind: 'count' }, isAbove);
        const all = this.#addAll(referenced, { kind: 'count' }, hasValue);
        return { comparison, threshold, correlation: { type, field, percentile, above, all } };
      }
      default:
        return undefined;
    }
  }

  #fieldOf(type: string, name: string | undefined, path: Path): string | undefined {
    const field = name === undefined ? undefined : nameOf(name);
    if (field === undefined) {
      this.#report(path, name === undefined ? `${type} needs a field` : noField(name));
    }
    return field;
  }

  #temporal(
    type: 'temporal' | 'temporal_ordered',
    referenced: readonly Referenced[],
  ): (Condition & { correlation: Correlation }) | undefined {
    const path = ['correlation'];
    if (referenced.length < 2) this.#report([...path, 'rules'], `${type} needs two rules or more`);
    const { condition } = this.#correlation;
    if (condition?.field !== undefined) this.#report([...path, 'condition', 'field'], `${type} takes no field`);
    const wanted = condition ? this.#conditionOf(this.#correlation, path) : undefined;
    const threshold = (wanted?.threshold ?? referenced.length) + (wanted?.comparison === 'gt' ? 1 : 0);
    if (threshold > referenced.length) {
      this.#report([...path, 'condition'], `there are only ${referenced.length} rules`);
    } else if (type === 'temporal_ordered' && threshold < referenced.length) {
      this.#report([...path, 'condition'], 'temporal_ordered needs all of its rules, one after the other');
    }
    const parts = referenced.map((one, index) => this.#part(type, one, [...path, 'rules', index]));
    if (parts.includes(undefined)) return undefined;
    return { comparison: 'gte', threshold, correlation: { type, parts: parts.filter((part) => part !== undefined) } };
  }

  #part(type: 'temporal' | 'temporal_ordered', referenced: Referenced, path: Path): Part | undefined {
    const { name, where, correlation, rules } = referenced;
    if (where && type === 'temporal_ordered') {
      return { name, times: this.add(referenced, [where], { kind: 'distinct', field: 'end', cap: keptTimes }) };
    }
    if (where) {
      const series = [this.add(referenced, [where], { kind: 'count' })];
      return { name, correlation: { type: 'event_count', series }, comparison: 'gte', threshold: 1 };
    }
    if (!correlation || !rules) return undefined;
    if (!isOfValue(correlation as Pick<Correlation, 'type'>)) {
      this.#report(
        path,
        `${name} is a ${correlation.type}, and only event_count, value_sum and value_count can stand within another correlation`,
      );
      return undefined;
    }
    if (parseTimespan(correlation.timespan) !== this.timespanSeconds) {
      this.#report(
        path,
        `${name} has the timespan ${correlation.timespan}, expected that of this rule, ${this.#correlation.timespan}: both are judged by the same slots of time`,
      );
      return undefined;
    }
    const condition = this.#conditionOf(correlation, path);
    const measured = condition && this.#measured(correlation, condition, rules, path);
    return measured && { name, ...measured, correlation: measured.correlation as ValueCorrelation };
  }
}

function extensionOf(
  block: NonNullable<CorrelationDocument['flow_sentinel']>,
  type: Correlation['type'],
  compiler: CorrelationCompiler,
  seconds: (text: string, path: Path, most: number) => number,
  find: (name: string, path: Path) => Predicate | undefined,
  report: (path: Path, text: string) => void,
): Extension {
  const path = ['flow_sentinel'];
  const { active_slots, slot, first_seen, silent } = block;
  if ((active_slots || slot || silent) && !isOfValue({ type })) {
    report(path, `a ${type} has no slots to look at; expected event_count, value_sum or value_count`);
  }
  if (first_seen && !isOfPairs(compiler.groupBy)) {
    report(
      [...path, 'first_seen'],
      'only pairs are seen at each of their flows, expected group-by: [srcaddr, dstaddr]',
    );
  }
  const going = silent && find(silent.while, [...path, 'silent', 'while']);
  return {
    ...(active_slots && { activeSlots: active_slots.gte }),
    ...(slot?.lte !== undefined && { slotMost: slot.lte }),
    ...(slot?.spread !== undefined && { slotSpread: slot.spread }),
    ...(first_seen && {
      firstSeen: {
        withinSeconds: seconds(first_seen.within, [...path, 'first_seen', 'within'], 30 * 86_400),
        learningSeconds: seconds(first_seen.learning, [...path, 'first_seen', 'learning'], 30 * 86_400),
      },
    }),
    ...(silent &&
      going && {
        silent: {
          forSeconds: seconds(silent.for, [...path, 'silent', 'for'], compiler.timespanSeconds),
          while: compiler.add({ name: silent.while }, [going], { kind: 'count' }),
        },
      }),
  };
}

/** The flow log's own name of a field. */
function nameOf(name: string): string | undefined {
  const own = fieldNamed(name);
  return typeof own === 'string' ? own : undefined;
}

/** Why a name is none of a field; empty where it is one. */
function noField(name: string): string {
  const own = fieldNamed(name);
  return typeof own === 'string' ? '' : own.problem;
}
