import { isMap, readDocuments, type SourceFile, sourceLocation } from '../parse/yaml-document.ts';

/** What a document of a rule file says of itself, as far as it can be read. */
export interface Outline {
  /** Where it stands, as `file:line`. */
  readonly place: string;
  readonly file: string;
  readonly kind: 'detection' | 'correlation' | 'filter';
  readonly title: string;
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly description: string | undefined;
  /** Of a correlation or a filter: the rules that it names. */
  readonly rules: readonly string[];
  /** Of a correlation: the detection whose flows must go on, from `silent.while` of its block `flow_sentinel`. */
  readonly watched: string | undefined;
  /** Of a filter, from its `allow` block: why it is there, and the last day on which it holds, in UTC. */
  readonly allowed: { readonly reason: string | undefined; readonly expires: string | undefined };
}

/** What is only there for so long: a filter, or an entry of a named list. */
export interface Allowance {
  readonly place: string;
  readonly what: string;
  /** The last day on which it holds, in UTC, such as `2026-12-31`. */
  readonly expires: string;
  /** The list that it is an entry of, as it stands in the networks file. */
  readonly list?: string;
}

/** The documents of rule files, by what they say; what is wrong with them is the compiler's to tell. */
export function outlinesOf(files: readonly SourceFile[]): Outline[] {
  return files.flatMap((file) =>
    readDocuments(file).documents.flatMap((source): Outline[] => {
      const document = mapOf(source.value);
      if (!document) return [];
      const kind = 'correlation' in document ? 'correlation' : 'filter' in document ? 'filter' : 'detection';
      const allow = mapOf(document.allow);
      return [
        {
          place: sourceLocation(source, []),
          file: file.path,
          kind,
          title: textOf(document.title) ?? '',
          name: textOf(document.name),
          id: textOf(document.id),
          description: textOf(document.description)?.trim(),
          rules: kind === 'detection' ? [] : [mapOf(document[kind])?.rules].flat().flatMap((one) => textOf(one) ?? []),
          watched: textOf(mapOf(mapOf(document.flow_sentinel)?.silent)?.while),
          allowed: { reason: textOf(allow?.reason), expires: textOf(allow?.expires) },
        },
      ];
    }),
  );
}

/** What of the filters is only there for so long. */
export function allowancesOfFilters(outlines: readonly Outline[]): Allowance[] {
  return outlines.flatMap(({ kind, place, title, allowed }) =>
    kind === 'filter' && allowed.expires !== undefined
      ? [{ place, what: `the filter ${JSON.stringify(title)}`, expires: allowed.expires }]
      : [],
  );
}

/** What of the named lists' entries is: those that are a map with `network` and `expires`. */
export function allowancesOfLists(networks: SourceFile): Allowance[] {
  return readDocuments(networks).documents.flatMap((source) =>
    Object.entries(mapOf(source.value) ?? {}).flatMap(([list, entries]) =>
      (Array.isArray(entries) ? entries : []).flatMap((entry: unknown, index): Allowance[] => {
        const { network, expires } = mapOf(entry) ?? {};
        if (typeof expires !== 'string') return [];
        return [
          {
            place: sourceLocation(source, [list, index]),
            what: `${String(network)} in the list ${list}`,
            list,
            expires,
          },
        ];
      }),
    ),
  );
}

/** Those whose last day is over. @param today in UTC, such as `2026-12-31` */
export function expiredBy(today: string, allowances: readonly Allowance[]): Allowance[] {
  return allowances.filter(({ expires }) => /^\d{4}-\d{2}-\d{2}$/.test(expires) && expires < today);
}

function mapOf(value: unknown): Record<string, unknown> | undefined {
  return isMap(value) ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
