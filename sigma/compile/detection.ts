import type { Predicate } from '../../lambda/rules/model.ts';
import { parseCondition } from '../parse/condition.ts';
import type { DetectionDocument } from '../parse/schema.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import type { Checked, Problem } from './problem.ts';
import { compileSelection, type SelectionContext } from './selection.ts';

/** Compiles a detection. Of a list of conditions, one must match. */
export function compileDetection(
  { detection }: Pick<DetectionDocument, 'detection'>,
  context: SelectionContext,
): Checked<Predicate> {
  const { condition, ...selections } = detection;
  const { value: compiled, problems } = compileSelections(selections, ['detection'], context);
  const conditions = [condition].flat().map((text, index): Checked<Predicate> => {
    const predicate = parseCondition(text, compiled);
    if (!('problem' in predicate)) return { value: predicate, problems: [] };
    const path = Array.isArray(condition) ? ['detection', 'condition', index] : ['detection', 'condition'];
    return { value: { any: [] }, problems: [{ path, text: predicate.problem }] };
  });
  const any = conditions.map(({ value }) => value);
  return {
    value: any.length === 1 ? any[0]! : { any },
    problems: [...problems, ...conditions.flatMap((one) => one.problems)],
  };
}

/**
 * Compiles selections, by their names.
 *
 * @param path the block of the document that holds them
 */
export function compileSelections(
  selections: Readonly<Record<string, unknown>>,
  path: YamlPath,
  context: SelectionContext,
): Checked<Map<string, Predicate>> {
  const problems: Problem[] = [];
  const report = (at: YamlPath, text: string) => void problems.push({ path: at, text });
  const compiled = Object.entries(selections).map(
    ([name, selection]) => [name, compileSelection(selection, [...path, name], context, report)] as const,
  );
  return { value: new Map(compiled), problems };
}
