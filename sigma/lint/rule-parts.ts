import type { Rule } from '../../lambda/rules/model.ts';
import { ruleNameOf } from '../parse/yaml-document.ts';
import type { Outline } from './outline.ts';

/** The document of a rule. */
export function outlineOf(rule: Rule, outlines: readonly Outline[]): Outline | undefined {
  return outlines.find(
    ({ kind, file, title }) => kind !== 'filter' && title === rule.title && isNamedAfter(rule.name, file),
  );
}

/** The detections that a rule is about, those of the correlations that it refers to in their place. */
export function detectionsOf(rule: Rule, outlines: readonly Outline[]): Outline[] {
  const own = outlineOf(rule, outlines);
  const expand = (one: Outline, depth: number): Outline[] =>
    one.kind === 'detection' || depth > 2
      ? [one]
      : one.rules.flatMap((name) => referred(name, one, outlines).flatMap((found) => expand(found, depth + 1)));
  return own ? expand(own, 0) : [];
}

/** The filters that name a rule, a detection that it is about, or any. */
export function filtersOf(rule: Rule, detections: readonly Outline[], outlines: readonly Outline[]): Outline[] {
  const own = outlineOf(rule, outlines);
  const named = [...(own ? [own] : []), ...detections];
  const names = new Set([rule.name, ...named.flatMap(({ name, id }) => [name ?? [], id ?? []].flat())]);
  return outlines.filter(
    ({ kind, rules }) => kind === 'filter' && rules.some((name) => name.toLowerCase() === 'any' || names.has(name)),
  );
}

function referred(name: string, from: Outline, outlines: readonly Outline[]): Outline[] {
  const named = outlines.filter((one) => one.kind !== 'filter' && (one.name === name || one.id === name));
  const own = named.filter(({ file }) => file === from.file);
  return own.length > 0 ? own : named;
}

/** A rule is named after its file; one that `generate` lets alert by itself, after that and itself. */
function isNamedAfter(rule: string, file: string): boolean {
  const base = ruleNameOf(file);
  return rule === base || rule.startsWith(`${base}.`);
}
