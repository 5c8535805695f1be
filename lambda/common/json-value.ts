/** A value of JSON whose shape is not checked yet. */
export type Json = unknown;

/** Returns a member of an object; undefined for any other value. Does not read what an object inherits. */
export function memberOf(value: Json, name: string): Json {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, Json>)[name]
    : undefined;
}

/** Returns a member that is a text and not empty; undefined for any other. */
export function textOf(value: Json, name: string): string | undefined {
  const text = memberOf(value, name);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** Parses JSON; undefined if the text is not JSON. */
export function jsonOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
