import { isMap, readDocuments, type SourceFile, sourceLocation } from '../parse/yaml-document.ts';

/** The identifying fields of a document of a rule file, as far as they are readable. */
export interface Outline {
  /** The location of the document, as `file:line`. */
  readonly place: string;
  readonly file: string;
  readonly kind: 'detection' | 'correlation' | 'filter';
  readonly title: string;
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly description: string | undefined;
  /** The rules that a correlation or a filter names. */
  readonly rules: readonly string[];
  /** The detection in `silent.while` of a correlation, whose flows must continue. */
  readonly watched: string | undefined;
  /** The reason and the last day, in UTC, of a filter, from its `allow` block. */
  readonly allowed: { readonly reason: string | undefined; readonly expires: string | undefined };
}

/** A filter, or an entry of a named list, that expires. */
export interface Allowance {
  readonly place: string;
  /** The name of the filter or entry, for messages. */
  readonly subject: string;
  /** The last valid day, in UTC, such as `2026-12-31`. */
  readonly expires: string;
  /** The list of an entry. */
  readonly list?: string;
}

/** Returns the outlines of the documents of rule files. The compiler reports their mistakes. */
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

/** Returns the filters that expire. */
export function allowancesOfFilters(outlines: readonly Outline[]): Allowance[] {
  return outlines.flatMap(({ kind, place, title, allowed }) =>
    kind === 'filter' && allowed.expires !== undefined
      ? [{ place, subject: `the filter ${JSON.stringify(title)}`, expires: allowed.expires }]
      : [],
  );
}

/** Returns the entries of named lists that expire: maps with `network` and `expires`. */
export function allowancesOfLists(networks: SourceFile): Allowance[] {
  return readDocuments(networks).documents.flatMap((source) =>
    Object.entries(mapOf(source.value) ?? {}).flatMap(([list, entries]) =>
      (Array.isArray(entries) ? entries : []).flatMap((entry: unknown, index): Allowance[] => {
        const { network, expires } = mapOf(entry) ?? {};
        if (typeof expires !== 'string') return [];
        return [
          {
            place: sourceLocation(source, [list, index]),
            subject: `${String(network)} in the list ${list}`,
            list,
            expires,
          },
        ];
      }),
    ),
  );
}

/** Returns the allowances whose last day has passed. @param today in UTC, such as `2026-12-31` */
export function expiredBy(today: string, allowances: readonly Allowance[]): Allowance[] {
  return allowances.filter(({ expires }) => /^\d{4}-\d{2}-\d{2}$/.test(expires) && expires < today);
}

function mapOf(value: unknown): Record<string, unknown> | undefined {
  return isMap(value) ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
