import { FlowError } from '../../lambda/common/errors.ts';
import type { Scope } from '../../lambda/flow-log/scope.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import type { NamedList, OffRule, Rule, RuleSet, Series } from '../../lambda/rules/model.ts';
import type { SourceDocument, SourceFile } from '../parse/yaml-document.ts';
import { compileRule, withThreshold } from './compile-correlation.ts';
import { vpcProblems } from './event-scope.ts';
import type { Filter } from './filter.ts';
import { findDetection, type LinkedRules, link, referencedBy } from './link-rules.ts';
import { parseNetworks } from './monitored-network.ts';
import { type NamedRule, nameRules } from './name-rules.ts';
import { monitoredListName } from './network-lists.ts';
import { type Available, missingNeed, withoutOffRules } from './off-rules.ts';
import { type RuleDocuments, readAll } from './read-rules.ts';
import { readsRegions } from './reads-regions.ts';
import type { NetworkLists } from './selection.ts';
import { allocateSeries } from './series.ts';

/** How rules are compiled. Without a table of regions, or without events (both by default), the rules that need it are off. */
export interface CompileOptions extends Partial<Available> {
  /** By rule name, thresholds that replace those of the files, to try them (default: none). */
  readonly thresholds?: ReadonlyMap<string, number>;
  /** What keeps counters of the same addresses apart (default: nothing). */
  readonly scope?: Scope | undefined;
}

/** Compiles all rules, for commands that describe or check them. */
export const everyRule = { hasRegions: true, hasContext: true } as const satisfies CompileOptions;

/**
 * Compiles Sigma rule files to the rule set that the function evaluates.
 *
 * @param files the files of rules and filters; a rule's name is its file's name without `.yml`
 * @throws FlowError `RULE_INVALID` with one problem a line, as `file:line: text`
 */
export function compileRules(
  files: readonly SourceFile[],
  networks: NetworkLists,
  { thresholds = new Map(), hasRegions = false, hasContext = false, scope }: CompileOptions = {},
): RuleSet {
  const read = readAll(files, networks);
  const linked = link(hasRegions ? read.documents : withoutRegionFilters(read.documents));
  const hasProblems = read.problems.length + linked.problems.length > 0;
  const named = nameRules(linked.rules, read.failedCorrelations, hasProblems);
  const all = compileEach(named, linked.rules, thresholds, { hasRegions, hasContext, scope });
  // Of all rules, so that ids and caps are the same with and without a table, and with and without events.
  const allocated = allocateSeries(all.rules, all.series);
  const kept = withoutOffRules(allocated, all.needs);
  const oversized = allocated.problems.map(({ rule, problem }) =>
    all.sources.get(rule)!.problem(['correlation', 'condition'], problem),
  );
  const problems = [...read.problems, ...linked.problems, ...all.problems, ...oversized];
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return {
    rules: kept.rules.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...(kept.off.length > 0 && { off: kept.off }),
    series: kept.series,
    filters: read.documents.filters.map(({ applied }) => applied),
    monitoredNetworks: networksOf(networkList(networks, monitoredListName)) ?? [],
    internalNetworks: internalNetworks(networks),
    lists: [...networks.values()].flatMap((list) => ('values' in list || list.name === monitoredListName ? [] : list)),
  };
}

interface CompiledRules {
  readonly rules: readonly Rule[];
  readonly series: readonly Series[];
  /** The documents of the rules, by rule name. */
  readonly sources: ReadonlyMap<string, SourceDocument>;
  readonly problems: readonly string[];
  /** What rules need and do not have, by rule name. */
  readonly needs: ReadonlyMap<string, OffRule['needs']>;
}

function compileEach(
  named: readonly NamedRule[],
  linked: LinkedRules,
  thresholds: ReadonlyMap<string, number>,
  available: Available & Pick<CompileOptions, 'scope'>,
): CompiledRules {
  const rules: Rule[] = [];
  const series: Series[] = [];
  const sources = new Map<string, SourceDocument>();
  const problems: string[] = [];
  const needs = new Map<string, OffRule['needs']>();
  for (const { rule, name, problem, isLeftOver } of named) {
    // After a mistake in a correlation, the detections of its file were probably not meant to stand alone.
    if (isLeftOver && problems.length > 0) continue;
    const { source } = rule;
    if (name === undefined) {
      problems.push(problem);
      continue;
    }
    const document = withThreshold(rule.document, thresholds.get(name));
    const compiled = compileRule(name, document, referencedBy(rule, linked), (wanted, path) =>
      findDetection(rule, wanted, path, linked),
    );
    sources.set(name, source);
    series.push(...compiled.series);
    const ofScope = available.hasContext ? vpcProblems(compiled.series, available.scope) : [];
    problems.push(...[...(compiled.problems ?? []), ...ofScope].map(({ path, text }) => source.problem(path, text)));
    if (compiled.rule) rules.push(compiled.rule);
    const need = missingNeed(rule, compiled.series, linked, available);
    if (need) needs.set(name, need);
  }
  return { rules, series, sources, problems, needs };
}

/** Returns the documents without the filters that test a region: without a table, what they exclude is unknown. */
function withoutRegionFilters(documents: RuleDocuments): RuleDocuments {
  const testsRegion = ({ keep, eventSource }: Filter) => eventSource === undefined && readsRegions(keep);
  return { ...documents, filters: documents.filters.filter((filter) => !testsRegion(filter)) };
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** Returns the internal networks; the private ranges if their list is missing, or known only at run time. */
function internalNetworks(networks: NetworkLists): Network[] {
  const list = networkList(networks, 'internal_networks');
  return networksOf(list?.s3 ? undefined : list) ?? parseNetworks(privateRanges);
}

function networkList(lists: NetworkLists, name: string): NamedList | undefined {
  const list = lists.get(name);
  return list && 'values' in list ? undefined : list;
}

function networksOf(list: NamedList | undefined): Network[] | undefined {
  return list && parseNetworks(list.entries.map((entry) => unpackEntry(entry).network));
}
