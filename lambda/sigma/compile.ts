import { type Network, parseNetwork } from '../core/address.ts';
import { fields } from '../core/fields.ts';
import { FlowError } from '../errors.ts';
import type { Measure, Predicate, Rule, RuleSet, Series } from './compiled.ts';
import { parseCondition } from './condition.ts';
import { type CorrelationDocument, correlationShape, type DetectionDocument, detectionShape } from './rule-shape.ts';
import { compileSelection, type NetworkLists } from './selection.ts';
import { maxDistinct, shareSeries } from './series.ts';
import { checkShape, type Path, readDocuments, type SourceDocument, type SourceFile } from './source.ts';
import { parseTimespan } from './timespan.ts';

/** A compiled detection, under the names by which a correlation may refer to it. */
interface Detection {
  readonly source: SourceDocument;
  readonly document: DetectionDocument;
  readonly where: Predicate;
}

interface Correlation {
  readonly source: SourceDocument;
  readonly document: CorrelationDocument;
}

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
 * Compiles Sigma rule files to a rule set that the function can judge by.
 *
 * @param files the rule files; a rule's name is its file's name without `.yml`
 * @throws FlowError `RULE_INVALID` with every problem on a line of its own, as `file:line: text`
 */
export function compileRules(files: readonly SourceFile[], networks: NetworkLists): RuleSet {
  const problems: string[] = [];
  const detections: Detection[] = [];
  const correlations: Correlation[] = [];
  for (const file of files) {
    const { documents, problems: unreadable } = readDocuments(file);
    problems.push(...unreadable);
    for (const source of documents) readRule(source, networks, detections, correlations, problems);
  }
  const referenced = new Set<Detection>();
  const series = new Map<string, Series>();
  const rules: Rule[] = [];
  const add = (source: SourceDocument, document: DetectionDocument | CorrelationDocument, where: Predicate[]) => {
    const rule = compileRule(source, document, where, series, problems);
    if (!rule) return;
    if (rules.some(({ name }) => name === rule.name)) {
      problems.push(
        source.problem([], 'a file names one rule, and this is its second that alerts; give it its own file'),
      );
    } else rules.push(rule);
  };
  for (const { source, document } of correlations) {
    const names = [document.correlation.rules].flat();
    const parts = names.flatMap((name, index) => {
      const found = findDetection(detections, source.file, name);
      if (!found)
        problems.push(
          source.problem(['correlation', 'rules', index], `no detection rule is named ${JSON.stringify(name)}`),
        );
      return found ?? [];
    });
    for (const part of parts) referenced.add(part);
    add(
      source,
      document,
      parts.map(({ where }) => where),
    );
  }
  for (const detection of detections) {
    if (!referenced.has(detection)) add(detection.source, detection.document, [detection.where]);
  }
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  rules.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { rules, series: [...series.values()], monitoredNetworks: monitoredNetworks(networks) };
}

/** The list that names the networks whose flows are logged at both ends; else the internal ones, else private ranges. */
function monitoredNetworks(networks: NetworkLists): Network[] {
  const list = networks.get('monitored_networks') ??
    networks.get('internal_networks') ?? ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];
  return list.map((text) => parseNetwork(text)).flatMap((network) => ('problem' in network ? [] : network));
}

function readRule(
  source: SourceDocument,
  networks: NetworkLists,
  detections: Detection[],
  correlations: Correlation[],
  problems: string[],
): void {
  const value = source.value;
  if (typeof value === 'object' && value !== null && 'correlation' in value) {
    const document = checkShape(source, correlationShape, problems);
    if (document) correlations.push({ source, document });
  } else if (typeof value === 'object' && value !== null && 'filter' in value) {
    problems.push(source.problem(['filter'], 'Sigma filters are not supported'));
  } else {
    const document = checkShape(source, detectionShape, problems);
    if (document) detections.push({ source, document, where: compileDetection(source, document, networks, problems) });
  }
}

function compileDetection(
  source: SourceDocument,
  { detection }: DetectionDocument,
  networks: NetworkLists,
  problems: string[],
): Predicate {
  const report = (path: Path, text: string) => problems.push(source.problem(path, text));
  const selections = Object.entries(detection).filter(([name]) => name !== 'condition');
  const compiled = selections.map(
    ([name, selection]) => [name, compileSelection(selection, ['detection', name], networks, report)] as const,
  );
  const predicate = parseCondition(detection.condition, new Map(compiled));
  if (!('problem' in predicate)) return predicate;
  report(['detection', 'condition'], predicate.problem);
  return { any: [] };
}

function findDetection(detections: readonly Detection[], file: string, name: string): Detection | undefined {
  const named = detections.filter(({ document }) => document.name === name || document.id === name);
  return named.find(({ source }) => source.file === file) ?? named[0];
}

function compileRule(
  source: SourceDocument,
  document: DetectionDocument | CorrelationDocument,
  where: readonly Predicate[],
  series: Map<string, Series>,
  problems: string[],
): Rule | undefined {
  const before = problems.length;
  const report = (path: Path, text: string) => problems.push(source.problem(path, text));
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
  for (const [index, name] of correlation['group-by'].entries()) {
    if (!fields.has(name))
      report(['correlation', 'group-by', index], `${JSON.stringify(name)} is no field of VPC Flow Logs`);
  }
  const measure = measureOf(correlation, gt === undefined ? threshold : threshold + 1, report);
  if (gte === 0) report(['correlation', 'condition', 'gte'], 'gte: 0 is always true, expected 1 or more');
  if (problems.length > before || !measure) return undefined;
  return {
    name: source.file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/, ''),
    title: document.title,
    description: document.description?.trim() ?? '',
    level: document.level ?? 'medium',
    techniques: (document.tags ?? []).flatMap(
      (tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/.exec(tag)?.[1]?.toUpperCase() ?? [],
    ),
    references: document.references ?? [],
    falsepositives: [document.falsepositives ?? []].flat(),
    groupBy: correlation['group-by'],
    series: shareSeries(series, { where, groupBy: correlation['group-by'], measure, timespanSeconds }),
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
  const most = maxDistinct(kind);
  if (due > most) report(['correlation', 'condition'], `value_count of ${field} can tell at most ${most} values apart`);
  return { kind: 'distinct', field, cap: Math.min(most, Math.max(10 * due, 20)) };
}
