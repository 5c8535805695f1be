import type { RuleFieldKind } from '../../lambda/flow-log/fields.ts';
import { isNumeric } from '../../lambda/flow-log/fields.ts';
import { kindOf } from '../../lambda/flow-log/region-fields.ts';
import type { EventSource } from '../../lambda/rules/event-source.ts';
import { fieldNamed } from './taxonomy.ts';

/** The kind of a field's values; `any` of a field of events, which may be text, numbers, addresses, or several of them. */
export type ValueKind = RuleFieldKind | 'any';

/** Names of fields, joined with dots: names of JSON have letters, digits and `_ - : / @`. */
const path = /^[\w:/@-]{1,128}(?:\.[\w:/@-]{1,128}){0,15}$/;

/**
 * Resolves the name of a field of a log source. A field of events is a path, and any path may occur.
 *
 * @param source default: flow logs
 * @returns the name, or the problem of a field that the source cannot have
 */
export function fieldOfSource(source: EventSource | undefined, name: string): string | { readonly problem: string } {
  if (!source) return fieldNamed(name);
  if (path.test(name)) return name;
  return {
    problem: `the field ${JSON.stringify(name)} is invalid: expected up to 16 names with dots between, such as userIdentity.arn`,
  };
}

/** Returns the kind of the values of a field that fieldOfSource has resolved. */
export function kindInSource(source: EventSource | undefined, field: string): ValueKind {
  return source ? 'any' : kindOf(field)!;
}

/** Returns whether a kind has amounts, which can be compared as numbers. */
export function hasAmounts(kind: ValueKind): boolean {
  return kind === 'any' || isNumeric(kind);
}
