import { jsonOf } from '../../../lambda/common/json-value.ts';
import { maxObjectBytes } from './json-entries.ts';
import { decodedLineBytes, fieldNames, fileKinds, type ObjectKind, objectKind, queryRow } from './json-object.ts';
import { jsonReader } from './json-reader.ts';
import { JsonScanner } from './json-scanner.ts';
import type { FileContent } from './reader.ts';

/** Detects the content of a file of JSON objects by its beginning; undefined if the content is not supported. */
export function detectJson(head: Buffer): FileContent | undefined {
  const scanner = new JsonScanner(maxObjectBytes);
  const kinds = new Set<ObjectKind>();
  const named = new Map<string, ReadonlySet<string>>();
  const found = scanner.scan(head);
  for (const scanned of found) {
    if (scanned.kind === 'too long' || scanned.kind === 'other') continue;
    const json = jsonOf(scanned.bytes.toString());
    const isRow = scanned.kind === 'element' && scanned.list === 'results';
    const value = isRow ? queryRow(json) : json;
    if (typeof value !== 'object' || value === null) continue;
    const names = new Set(Object.keys(value));
    if (scanned.kind === 'object' || isRow) kinds.add(objectKind(names));
    else if (scanned.list === 'events' ? names.has('message') : isRecord(names)) {
      kinds.add(scanned.list === 'events' ? 'log events' : 'event');
    }
    if (scanned.kind === 'object' || isRow) {
      const fields = fieldNames(decodedNames(value));
      if (fields.length > 0) named.set(fields.toSorted().join(), new Set(fields));
    }
  }
  // An object longer than the head is detected by its first members.
  if (found.length === 0) kinds.add(objectKind(scanner.names));
  kinds.delete('unknown');
  // Many tools write results. Those of CloudWatch Logs Insights were found by their rows.
  kinds.delete('query results');
  const [kind] = kinds;
  if (kind === undefined || kind === 'unknown') return undefined;
  const records: readonly ObjectKind[] = ['error record', 'event', 'batch', 'message'];
  return {
    kind: fileKinds[kind],
    fieldSets: [...named.values()],
    hasRecords: records.some((record) => kinds.has(record)),
    hasPlainLines: kinds.has('log events') || kinds.has('query row'),
    read: jsonReader(isOfLines(head)),
  };
}

/** Returns the member names of a decoded line, which may be in an error record. */
function decodedNames(value: object): string[] {
  const names = Object.keys(value);
  switch (objectKind(new Set(names))) {
    case 'decoded line':
      return names;
    case 'error record': {
      const line = jsonOf(decodedLineBytes(value as Record<string, unknown>)?.toString() ?? '');
      return typeof line === 'object' && line !== null ? Object.keys(line) : [];
    }
    default:
      return [];
  }
}

/** Returns whether these are members of an event's record. Records of a function's response have a result. */
function isRecord(names: ReadonlySet<string>): boolean {
  return names.has('data') && !names.has('result');
}

function isOfLines(head: Buffer): boolean {
  const end = head.indexOf('\n', head.indexOf('{'));
  return jsonOf(head.toString('utf8', 0, end < 0 ? head.length : end)) !== undefined;
}
