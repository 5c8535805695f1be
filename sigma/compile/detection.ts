import type { Predicate } from '../../lambda/rules/model.ts';
import { parseCondition } from '../parse/condition.ts';
import type { DetectionDocument } from '../parse/schema.ts';
import type { Path, SourceDocument } from '../parse/yaml-document.ts';
import { compileSelection, type Reading } from './selection.ts';

/** Compiles a detection: any of its conditions, where it has a list of them. */
export function compileDetection(
  source: SourceDocument,
  { detection }: DetectionDocument,
  reading: Reading,
  problems: string[],
): Predicate {
  const { condition, ...selections } = detection;
  const compiled = compileSelections(source, selections, ['detection'], reading, problems);
  const any = [condition].flat().map((text, index) => {
    const predicate = parseCondition(text, compiled);
    if (!('problem' in predicate)) return predicate;
    const path = Array.isArray(condition) ? ['detection', 'condition', index] : ['detection', 'condition'];
    problems.push(source.problem(path, predicate.problem));
    return { any: [] };
  });
  return any.length === 1 ? any[0]! : { any };
}

/**
 * Compiles selections, by their names.
 *
 * @param path the block that they stand in
 */
export function compileSelections(
  source: SourceDocument,
  selections: Readonly<Record<string, unknown>>,
  path: Path,
  reading: Reading,
  problems: string[],
): Map<string, Predicate> {
  const report = (at: Path, text: string) => problems.push(source.problem(at, text));
  const compiled = Object.entries(selections).map(
    ([name, selection]) => [name, compileSelection(selection, [...path, name], reading, report)] as const,
  );
  return new Map(compiled);
}
