import type { Predicate } from '../../lambda/rules/model.ts';
import { parseCondition } from '../parse/condition.ts';
import { readDocuments, type SourceFile } from '../parse/yaml-document.ts';

/**
 * Finds the selections of detections and filters that no condition uses, which is usually a mistake. Selections whose
 * names begin with `_` are ignored.
 *
 * @returns problems, as `file:line: text`
 */
export function unusedSelections(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    readDocuments(file).documents.flatMap(({ value, problem }) =>
      ['detection', 'filter'].flatMap((block) => {
        const names = unusedIn(mapOf(mapOf(value)[block]));
        return names.map((name) =>
          problem([block, name], `no condition uses ${name}; remove it, or add it to the condition`),
        );
      }),
    ),
  );
}

function unusedIn({ condition, timeframe: _, rules: __, ...selections }: Record<string, unknown>): string[] {
  const named = new Map(Object.keys(selections).map((name): [string, Predicate] => [name, { field: name, tests: [] }]));
  const used = new Set<string>();
  for (const text of [condition].flat()) {
    const predicate = typeof text === 'string' ? parseCondition(text, named) : { problem: 'not text' };
    if ('problem' in predicate) return [];
    for (const name of namesIn(predicate)) used.add(name);
  }
  return [...named.keys()].filter((name) => !used.has(name) && !name.startsWith('_'));
}

function namesIn(predicate: Predicate): string[] {
  if ('all' in predicate) return predicate.all.flatMap(namesIn);
  if ('any' in predicate) return predicate.any.flatMap(namesIn);
  if ('not' in predicate) return namesIn(predicate.not);
  return 'field' in predicate ? [predicate.field] : [];
}

function mapOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
