import { enrichmentField } from './event-source.ts';

/** An event as rules read it. */
export interface RuleEvent {
  /** The record or finding as AWS writes it, with our own fields below `flowSentinel`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The time of the event in epoch seconds. */
  readonly time: number;
}

/** Levels of lists and maps that rules see. Records of CloudTrail and findings of GuardDuty have about ten. */
const maxDepth = 32;

/**
 * Returns an event for rules. What is nested deeper than 32 levels is left out; anything but an object has no fields.
 *
 * @param raw what JSON.parse returned
 * @param enrichment our own fields, which replace a field `flowSentinel` of the event
 */
export function ruleEvent(raw: unknown, enrichment: Readonly<Record<string, unknown>>, time: number): RuleEvent {
  const bounded = isObject(raw) ? (withoutDeepest(raw, maxDepth) as Record<string, unknown>) : {};
  return { fields: { ...bounded, [enrichmentField]: enrichment }, time };
}

function withoutDeepest(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return undefined;
  if (Array.isArray(value)) return value.map((part) => withoutDeepest(part, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutDeepest(part, levels - 1)]));
}

/** The most characters of a map's text: a test of text must stay fast, and an event has at most 256 KB. */
const maxTextLength = 65_536;

/** Returns the values of a field of an event. */
export type EventReader = (event: RuleEvent) => string[];

/**
 * Makes a reader of the values at a path, as text: names of fields, joined with dots. A list on the path, or at its end,
 * gives the values of each element. A map at the end gives its JSON text. `null` and missing fields give no value.
 *
 * @param path empty for the whole event
 */
export function eventReader(path: string): EventReader {
  const names = path === '' ? [] : path.split('.');
  return ({ fields }) => {
    const values: string[] = [];
    addValues(fields, names, 0, values);
    return values;
  };
}

function addValues(value: unknown, names: readonly string[], at: number, values: string[]): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) for (const element of value) addValues(element, names, at, values);
  else if (at < names.length) {
    const name = names[at]!;
    if (isObject(value) && Object.hasOwn(value, name)) addValues(value[name], names, at + 1, values);
  } else values.push(isObject(value) ? JSON.stringify(value).slice(0, maxTextLength) : String(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
