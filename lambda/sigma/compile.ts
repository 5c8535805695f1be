import { type Network, parseNetwork } from '../core/address.ts';
import { FlowError } from '../errors.ts';
import { compileRule } from './compile-rule.ts';
import type { Predicate, Rule, RuleSet, Series } from './compiled.ts';
import { parseCondition } from './condition.ts';
import { type CorrelationDocument, correlationShape, type DetectionDocument, detectionShape } from './rule-shape.ts';
import { compileSelection, type NetworkLists } from './selection.ts';
import { fitSets } from './series.ts';
import { checkShape, type Path, readDocuments, type SourceDocument, type SourceFile } from './source.ts';

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
  const sources = new Map<string, SourceDocument>();
  const add = (source: SourceDocument, document: DetectionDocument | CorrelationDocument, where: Predicate[]) => {
    const rule = compileRule(source, document, where, series, problems);
    if (!rule) return;
    if (rules.some(({ name }) => name === rule.name)) {
      problems.push(
        source.problem([], 'a file names one rule, and this is its second that alerts; give it its own file'),
      );
    } else {
      rules.push(rule);
      sources.set(rule.name, source);
    }
  };
  for (const { source, document } of correlations) {
    const names = [document.correlation.rules].flat();
    const parts = names.flatMap((name, index) => {
      const found = findDetections(detections, source.file, name);
      if (found.length !== 1) {
        const count = found.length === 0 ? 'no detection rule is' : `${found.length} detection rules are`;
        problems.push(source.problem(['correlation', 'rules', index], `${count} named ${JSON.stringify(name)}`));
      }
      return found;
    });
    for (const part of parts) referenced.add(part);
    add(
      source,
      document,
      parts.map(({ where }) => where),
    );
  }
  for (const detection of detections) {
    // Where a correlation of the same file is wrong, its detections were not meant to stand alone.
    const isOfWrongCorrelation =
      problems.length > 0 && correlations.some(({ source }) => source.file === detection.source.file);
    if (!referenced.has(detection) && !isOfWrongCorrelation)
      add(detection.source, detection.document, [detection.where]);
  }
  for (const { rule, problem } of fitSets(rules, series)) {
    problems.push(sources.get(rule)!.problem(['correlation', 'condition'], problem));
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
  const value = Array.isArray(source.value) ? undefined : source.value;
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

/** The detections that a correlation means by a name or id: of its own file, else of any. */
function findDetections(detections: readonly Detection[], file: string, name: string): Detection[] {
  const named = detections.filter(({ document }) => document.name === name || document.id === name);
  const own = named.filter(({ source }) => source.file === file);
  return own.length > 0 ? own : named;
}
