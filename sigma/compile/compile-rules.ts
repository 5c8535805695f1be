import { FlowError } from '../../lambda/common/errors.ts';
import { type Network, parseNetwork } from '../../lambda/networks/ip-address.ts';
import { unpacked } from '../../lambda/networks/network-entry.ts';
import type { Predicate, Rule, RuleSet, Series } from '../../lambda/rules/model.ts';
import {
  type CorrelationDocument,
  correlationShape,
  type DetectionDocument,
  detectionShape,
  type FilterDocument,
  filterShape,
} from '../parse/schema.ts';
import {
  checkShape,
  type Path,
  placeOf,
  readDocuments,
  ruleNameOf,
  type SourceDocument,
  type SourceFile,
} from '../parse/yaml-document.ts';
import { compileRule, type Named, type Referenced, withThreshold } from './compile-correlation.ts';
import { compileDetection } from './detection.ts';
import { compileFilter, type Filter, type FiltersByRule, filtered, filtersByRule } from './filter.ts';
import { monitoredListName } from './network-lists.ts';
import type { NetworkLists } from './selection.ts';
import { fitSets } from './series.ts';

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
 * @param files the files of rules and filters; a rule's name is its file's name without `.yml`
 * @param thresholds what rules compare with in place of what their files say, by their names: for trying others
 * @throws FlowError `RULE_INVALID` with every problem on a line of its own, as `file:line: text`
 */
export function compileRules(
  files: readonly SourceFile[],
  networks: NetworkLists,
  thresholds: ReadonlyMap<string, number> = new Map(),
): RuleSet {
  const problems: string[] = [];
  const documents: Documents = { detections: [], correlations: [], filters: [] };
  for (const file of files) {
    const { documents: sources, problems: unreadable } = readDocuments(file);
    problems.push(...unreadable);
    for (const source of sources) readRule(source, networks, documents, problems);
  }
  const { correlations, filters } = documents;
  reportSharedIds([...documents.detections, ...correlations, ...filters], problems);
  const filtersOf = filtersByRule(filters, documents.detections, correlations, problems);
  const detections = documents.detections.map(
    (one): Detection => ({ ...one, where: filtered(one.where, filtersOf.get(one.source)) }),
  );
  const series = new Map<string, Series>();
  const rules: Rule[] = [];
  const sources = new Map<string, SourceDocument>();
  const all = [...correlations, ...detections];
  const references = new Map(correlations.map((one) => [one, referencesOf(one, all, problems)]));
  reportCycles(references, problems);
  const watched = correlations.flatMap(({ source, document: { flow_sentinel: block } }) =>
    block?.silent ? findRules(detections, source.file, block.silent.while) : [],
  );
  const parts = new Set([
    ...[...references].flatMap(([{ document }, found]) => (document.generate ? [] : found)),
    ...watched,
  ]);
  const generated = new Set([...references].flatMap(([{ document }, found]) => (document.generate ? found : [])));
  const add = (one: Detection | Correlation) => {
    const { source, document } = one;
    const fileName = ruleNameOf(source.file);
    const isFurther = sources.get(fileName)?.file === source.file && generated.has(one);
    const name = isFurther ? `${fileName}.${document.name ?? document.id}` : fileName;
    const taken = sources.get(name);
    if (taken) {
      const problem =
        taken.file === source.file && !isFurther
          ? 'a file names one rule, and this is its second that alerts; give it its own file'
          : `a rule is named ${name} already, that of ${placeOf(taken, [])}; rename one of the two`;
      problems.push(source.problem([], problem));
      return;
    }
    const find = (wanted: string, path: Path) => {
      const found = findRules(detections, source.file, wanted);
      if (found.length !== 1) problems.push(source.problem(path, howMany(found.length, 'detection rule', wanted)));
      return found[0] && whereIn(one, found[0], filtersOf);
    };
    const tried = withThreshold(document, thresholds.get(name));
    const rule = compileRule(name, source, tried, referencedBy(one, references, filtersOf), find, series, problems);
    sources.set(name, source);
    if (rule) rules.push(rule);
  };
  // What a correlation is about comes after it, so that the file's name is that of the outermost.
  const alerting = all.filter((one) => !parts.has(one) && !generated.has(one));
  for (const one of [...alerting.filter((one) => references.has(one as Correlation)), ...generated]) add(one);
  for (const detection of detections) {
    // Where a correlation of the same file is wrong, its detections were not meant to stand alone.
    const isOfWrongCorrelation =
      problems.length > 0 && correlations.some(({ source }) => source.file === detection.source.file);
    if (!parts.has(detection) && !generated.has(detection) && !isOfWrongCorrelation) add(detection);
  }
  for (const { rule, problem } of fitSets(rules, series)) {
    problems.push(sources.get(rule)!.problem(['correlation', 'condition'], problem));
  }
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  rules.sort((a, b) => (a.name < b.name ? -1 : 1));
  const lists = [...networks.values()].filter(({ name }) => name !== monitoredListName);
  return {
    rules,
    series: [...series.values()],
    filters: filters.map(({ applied }) => applied),
    monitoredNetworks: monitoredNetworks(networks),
    lists,
  };
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/**
 * The list that names the networks whose flows are logged at both ends; else the internal ones, unless they are only
 * known when the function runs; else private ranges.
 */
function monitoredNetworks(networks: NetworkLists): Network[] {
  const internal = networks.get('internal_networks');
  const list = networks.get(monitoredListName) ?? (internal?.s3 ? undefined : internal);
  const texts = list?.entries.map((entry) => unpacked(entry).network) ?? privateRanges;
  return texts.map((text) => parseNetwork(text)).flatMap((network) => ('problem' in network ? [] : network));
}

/** What rule files hold, kind by kind. */
interface Documents {
  readonly detections: Detection[];
  readonly correlations: Correlation[];
  readonly filters: (Filter & { readonly document: FilterDocument })[];
}

function readRule(
  source: SourceDocument,
  networks: NetworkLists,
  { detections, correlations, filters }: Documents,
  problems: string[],
): void {
  const value = Array.isArray(source.value) ? undefined : source.value;
  if (typeof value === 'object' && value !== null && 'correlation' in value) {
    const document = checkShape(source, correlationShape, problems);
    if (document) correlations.push({ source, document });
  } else if (typeof value === 'object' && value !== null && 'filter' in value) {
    const document = checkShape(source, filterShape, problems);
    if (document) filters.push({ document, ...compileFilter(source, document, networks, problems) });
  } else {
    const document = checkShape(source, detectionShape, problems);
    if (!document) return;
    const reading = { networks, isFirewall: document.logsource.category === 'firewall' };
    detections.push({ source, document, where: compileDetection(source, document, reading, problems) });
  }
}

/** The rules that a correlation names, and a problem for each that is not there once. */
function referencesOf(
  { source, document }: Correlation,
  all: readonly (Detection | Correlation)[],
  problems: string[],
): (Detection | Correlation)[] {
  const named = new Set<Detection | Correlation>();
  return [document.correlation.rules].flat().flatMap((name, index) => {
    const path = ['correlation', 'rules', index];
    const found = findRules(all, source.file, name);
    if (found.length !== 1) problems.push(source.problem(path, howMany(found.length, 'rule', name)));
    // Only in an order does it make a difference that a rule stands there again.
    const isAgain = document.correlation.type !== 'temporal_ordered' && found.some((one) => named.has(one));
    if (isAgain) problems.push(source.problem(path, `the rule ${JSON.stringify(name)} stands there twice`));
    for (const one of found) named.add(one);
    return found;
  });
}

/** A problem for each document whose id another has (Sigma Rules Specification 2.1, "Rule Identification"). */
function reportSharedIds(
  all: readonly { readonly source: SourceDocument; readonly document: { readonly id?: string | undefined } }[],
  problems: string[],
): void {
  const known = new Map<string, SourceDocument>();
  for (const { source, document } of all) {
    const id = document.id?.toLowerCase();
    const other = id === undefined ? undefined : known.get(id);
    if (other) problems.push(source.problem(['id'], `${placeOf(other, ['id'])} has the same id; give each its own`));
    else if (id !== undefined) known.set(id, source);
  }
}

/** A problem for each correlation that is about itself, if only by way of others: none of them would alert. */
function reportCycles(
  references: ReadonlyMap<Detection | Correlation, readonly (Detection | Correlation)[]>,
  problems: string[],
): void {
  for (const [one, found] of references) {
    const reached = new Set(found);
    for (const part of reached) for (const further of references.get(part) ?? []) reached.add(further);
    if (reached.has(one)) {
      problems.push(
        one.source.problem(['correlation', 'rules'], 'a correlation cannot refer to itself, nor by way of others'),
      );
    }
  }
}

function howMany(count: number, what: string, name: string): string {
  return `${count === 0 ? `no ${what} is` : `${count} ${what}s are`} named ${JSON.stringify(name)}`;
}

/** What a rule is about: of a correlation what it refers to, of a detection itself. */
function referencedBy(
  one: Detection | Correlation,
  references: ReadonlyMap<Correlation, readonly (Detection | Correlation)[]>,
  filtersOf: FiltersByRule,
): Referenced[] {
  if ('where' in one) return [{ ...naming(one), where: one.where }];
  return (references.get(one) ?? []).map((part): Referenced => {
    if ('where' in part) return { ...naming(part), where: whereIn(one, part, filtersOf) };
    // A correlation within another may not hold one itself, so what is asked for ends here.
    const inner = (references.get(part) ?? []).flatMap((detection): Referenced[] =>
      'where' in detection
        ? [{ ...naming(detection), where: filtered(whereIn(part, detection, filtersOf), filtersOf.get(one.source)) }]
        : [],
    );
    return { ...naming(part), correlation: part.document.correlation, rules: inner };
  });
}

/** What a detection means within a rule, which may have filters of its own. */
function whereIn(rule: Detection | Correlation, { where }: Detection, filtersOf: FiltersByRule): Predicate {
  return filtered(where, 'where' in rule ? [] : filtersOf.get(rule.source));
}

function naming({ document: { name, id, title } }: Detection | Correlation): Named {
  return { name: name ?? id ?? title, id };
}

/** The rules that are meant by a name or id: of the file where it stands, else of any. */
function findRules<T extends Detection | Correlation>(rules: readonly T[], file: string, name: string): T[] {
  const named = rules.filter(({ document }) => document.name === name || document.id === name);
  const own = named.filter(({ source }) => source.file === file);
  return own.length > 0 ? own : named;
}
