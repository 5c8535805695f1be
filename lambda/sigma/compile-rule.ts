import { fields } from '../core/fields.ts';
import type { Measure, Predicate, Rule, Series } from './compiled.ts';
import type { CorrelationDocument, DetectionDocument } from './rule-shape.ts';
import { shareSeries } from './series.ts';
import type { Path, SourceDocument } from './source.ts';
import { parseTimespan } from './timespan.ts';

const maxTimespanSeconds = 7 * 86_400;
const defaultSuppressSeconds = 6 * 3600;
const defaultEscalate = [2, 10, 100];

/** What a detection without a correlation means: each pair that matches at least once. */
const standalone: CorrelationDocument['correlation'] = {
  type: 'event_count',
  rules: [],
  'group-by': ['srcaddr', 'dstaddr'],
  timespan: '1h',
  condition: { gte: 1 },
};

/**
 * Compiles one rule that alerts: a correlation, or a detection that none refers to.
 *
 * @param where the predicates of the detections that it is about
 * @param series the series known so far; the rule's own is added
 * @param problems what is wrong is added here
 */
export function compileRule(
  source: SourceDocument,
  document: DetectionDocument | CorrelationDocument,
  where: readonly Predicate[],
  series: Map<string, Series>,
  problems: string[],
): Rule | undefined {
  const before = problems.length;
  const name = source.file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/i, '');
  const report = (path: Path, text: string) => problems.push(source.problem(path, text));
  if (!/^[\w.-]{1,64}$/.test(name)) {
    report([], `a rule is named after its file, by up to 64 letters, digits and _ . -, got ${JSON.stringify(name)}`);
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
  const suppressSeconds =
    document.alert?.suppress === undefined
      ? defaultSuppressSeconds
      : seconds(document.alert.suppress, ['alert', 'suppress'], 30 * 86_400);
  const { gt, gte } = correlation.condition;
  const threshold = gt ?? gte ?? 0;
  const comparison = gt === undefined ? 'gte' : 'gt';
  const groupBy = correlation['group-by'];
  for (const [index, name] of groupBy.entries()) {
    if (!fields.has(name))
      report(['correlation', 'group-by', index], `${JSON.stringify(name)} is no field of VPC Flow Logs`);
    if (groupBy.indexOf(name) !== index) report(['correlation', 'group-by', index], `${name} stands there twice`);
  }
  const measure = measureOf(correlation, gt === undefined ? threshold : threshold + 1, report);
  if (gte === 0) report(['correlation', 'condition', 'gte'], 'gte: 0 is always true, expected 1 or more');
  if (problems.length > before || !measure) return undefined;
  return {
    name,
    title: document.title,
    description: document.description?.trim() ?? '',
    level: document.level ?? 'medium',
    techniques: (document.tags ?? []).flatMap(
      (tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/.exec(tag)?.[1]?.toUpperCase() ?? [],
    ),
    references: document.references ?? [],
    falsepositives: [document.falsepositives ?? []].flat(),
    groupBy,
    series: shareSeries(series, { where, groupBy, measure, timespanSeconds }),
    comparison,
    threshold,
    timespanSeconds,
    suppressSeconds,
    escalate: [...(document.alert?.escalate ?? defaultEscalate)].sort((a, b) => a - b),
    next: document.alert?.next ?? [],
  };
}

function measureOf(
  { type, condition }: CorrelationDocument['correlation'],
  due: number,
  report: (path: Path, text: string) => void,
): Measure | undefined {
  const path = ['correlation', 'condition', 'field'];
  const { field } = condition;
  if (type === 'event_count') {
    if (field !== undefined) report(path, 'event_count counts flows and takes no field');
    return { kind: 'count' };
  }
  const kind = field === undefined ? undefined : fields.get(field)?.kind;
  if (field === undefined || kind === undefined) {
    report(
      path,
      field === undefined ? `${type} needs a field` : `${JSON.stringify(field)} is no field of VPC Flow Logs`,
    );
    return undefined;
  }
  if (type === 'value_sum') {
    if (kind !== 'int64' && kind !== 'int32')
      report(path, `value_sum needs a field that holds an amount, such as bytes, got ${field}`);
    return { kind: 'sum', field };
  }
  return { kind: 'distinct', field, cap: Math.max(10 * due, 20) };
}
