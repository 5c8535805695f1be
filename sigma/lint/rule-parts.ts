import type { Rule } from '../../lambda/rules/model.ts';
import { ruleNameOf } from '../parse/yaml-document.ts';
import type { Outline } from './outline.ts';

/** Returns the outline of a rule's document. */
export function outlineOf(rule: Rule, outlines: readonly Outline[]): Outline | undefined {
  return outlines.find(
    ({ kind, file, title }) => kind !== 'filter' && title === rule.title && isNamedAfter(rule.name, file),
  );
}

/** Returns the detections of a rule, including those of the correlations that it refers to. */
export function detectionsOf(rule: Rule, outlines: readonly Outline[]): Outline[] {
  const outline = outlineOf(rule, outlines);
  const expand = (one: Outline, depth: number): Outline[] =>
    one.kind === 'detection' || depth > 2
      ? [one]
      : one.rules.flatMap((name) => rulesNamed(name, one, outlines).flatMap((found) => expand(found, depth + 1)));
  return outline ? expand(outline, 0) : [];
}

/** Returns the filters that name a rule, one of its detections, or any. */
export function filtersOf(rule: Rule, detections: readonly Outline[], outlines: readonly Outline[]): Outline[] {
  const outline = outlineOf(rule, outlines);
  const named = [...(outline ? [outline] : []), ...detections];
  const names = new Set([rule.name, ...named.flatMap(({ name, id }) => [name ?? [], id ?? []].flat())]);
  return outlines.filter(
    ({ kind, rules }) => kind === 'filter' && rules.some((name) => name.toLowerCase() === 'any' || names.has(name)),
  );
}

function rulesNamed(name: string, from: Outline, outlines: readonly Outline[]): Outline[] {
  const named = outlines.filter((one) => one.kind !== 'filter' && (one.name === name || one.id === name));
  const sameFile = named.filter(({ file }) => file === from.file);
  return sameFile.length > 0 ? sameFile : named;
}

/** Returns whether a rule has the name of a file; with `generate`, a rule is named after file and rule. */
function isNamedAfter(rule: string, file: string): boolean {
  const base = ruleNameOf(file);
  return rule === base || rule.startsWith(`${base}.`);
}
