import type { EventSource } from '../../lambda/rules/event-source.ts';
import type { Predicate } from '../../lambda/rules/model.ts';
import {
  type CorrelationDocument,
  correlationShape,
  type DetectionDocument,
  detectionOnlyShape,
  detectionShape,
  eventSourceOf,
  type FilterDocument,
  filterShape,
} from '../parse/schema.ts';
import { checkShape, isMap, readDocuments, type SourceDocument, type SourceFile } from '../parse/yaml-document.ts';
import { compileDetection } from './detection.ts';
import { compileFilter, type Filter } from './filter.ts';
import type { Checked } from './problem.ts';
import { readsRegions } from './reads-regions.ts';
import type { NetworkLists } from './selection.ts';

/** A compiled detection with its document, by whose names a correlation refers to it. */
export interface Detection {
  readonly source: SourceDocument;
  readonly document: DetectionDocument;
  readonly where: Predicate;
  /** The events that it selects; undefined for flows. */
  readonly eventSource: EventSource | undefined;
  /** Whether it tests a field of regions. */
  readonly readsRegions: boolean;
}

/** A correlation's document. */
export interface CorrelationRule {
  readonly source: SourceDocument;
  readonly document: CorrelationDocument;
}

/** The documents of rule files, by kind. */
export interface RuleDocuments {
  readonly detections: readonly Detection[];
  readonly correlations: readonly CorrelationRule[];
  readonly filters: readonly (Filter & { readonly document: FilterDocument })[];
}

type ReadDocument =
  | { readonly kind: 'detection'; readonly read: Detection }
  | { readonly kind: 'correlation'; readonly read: CorrelationRule }
  | { readonly kind: 'filter'; readonly read: RuleDocuments['filters'][number] };

/** The documents that could be read, and the problems of the others as `file:line: text`. */
interface ReadRules {
  readonly documents: RuleDocuments;
  readonly problems: readonly string[];
  /** The files with a correlation that could not be read. */
  readonly failedCorrelations: ReadonlySet<string>;
}

/** Reads the documents of rule files; compiles detections and filters. */
export function readAll(files: readonly SourceFile[], networks: NetworkLists): ReadRules {
  const problems: string[] = [];
  const failedCorrelations = new Set<string>();
  const read: ReadDocument[] = [];
  for (const file of files) {
    const { documents, problems: unreadable } = readDocuments(file);
    problems.push(...unreadable);
    for (const source of documents) {
      const rule = readRule(source, networks);
      if (rule.document) read.push(rule.document);
      else if (isMap(source.value) && 'correlation' in source.value) failedCorrelations.add(source.file);
      problems.push(...rule.problems);
    }
  }
  return {
    documents: {
      detections: read.flatMap((document) => (document.kind === 'detection' ? document.read : [])),
      correlations: read.flatMap((document) => (document.kind === 'correlation' ? document.read : [])),
      filters: read.flatMap((document) => (document.kind === 'filter' ? document.read : [])),
    },
    problems,
    failedCorrelations,
  };
}

function readRule(
  source: SourceDocument,
  networks: NetworkLists,
): { document: ReadDocument | undefined; problems: readonly string[] } {
  const problems: string[] = [];
  const take = <T>(checked: Checked<T>): T => {
    problems.push(...checked.problems.map(({ path, text }) => source.problem(path, text)));
    return checked.value;
  };
  const read = (): ReadDocument | undefined => {
    const keys = isMap(source.value) ? source.value : {};
    if ('correlation' in keys) {
      const document = checkShape(source, correlationShape, problems);
      return document && { kind: 'correlation', read: { source, document } };
    }
    if ('filter' in keys) {
      const document = checkShape(source, filterShape, problems);
      return document && { kind: 'filter', read: { document, ...take(compileFilter(source, document, networks)) } };
    }
    const document = checkShape(source, detectionShape, problems);
    if (!document) {
      // The mistakes in the detection are reported too, if its own shape is valid.
      const { data } = detectionOnlyShape.safeParse(source.value);
      if (data) take(compileDetection(data, { networks, isFirewall: true }));
      return undefined;
    }
    const eventSource = eventSourceOf(document.logsource);
    const context = { networks, isFirewall: document.logsource.category === 'firewall', eventSource };
    const where = take(compileDetection(document, context));
    const ofRegions = !eventSource && readsRegions(where);
    return { kind: 'detection', read: { source, document, where, eventSource, readsRegions: ofRegions } };
  };
  return { document: read(), problems };
}
