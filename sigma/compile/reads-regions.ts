import { regionFields } from '../../lambda/flow-log/region-fields.ts';
import type { Predicate } from '../../lambda/rules/model.ts';

/** Returns whether a predicate tests a field of regions. */
export function readsRegions(predicate: Predicate): boolean {
  if ('all' in predicate) return predicate.all.some(readsRegions);
  if ('any' in predicate) return predicate.any.some(readsRegions);
  if ('not' in predicate) return readsRegions(predicate.not);
  if ('before' in predicate) return false;
  return regionFields.has(predicate.field) || ('other' in predicate && regionFields.has(predicate.other));
}
