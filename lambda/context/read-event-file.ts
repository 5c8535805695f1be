import { type Json, memberOf } from '../common/json-value.ts';
import type { ContextEvent } from './context-event.ts';
import { type Ignored, type ReadOptions, readContextEvent } from './read-event.ts';

/** What a file of findings and API calls reads as. */
export interface EventFile {
  readonly events: readonly ContextEvent[];
  /** The finding or the API call that each event was read from, as AWS writes it. */
  readonly raws: readonly unknown[];
  /** How many entries were ignored, by the reason. */
  readonly ignored: ReadonlyMap<Ignored, number>;
  /** Entries that could not be read; the first entry has the index 0. The index is absent if the whole file is not JSON. */
  readonly problems: readonly { readonly index?: number; readonly problem: string }[];
}

/** EventBridge delivers no event over 256 KB (Amazon EventBridge quotas). */
const maxEntrySize = 256 * 1024;

/** The deepest known entry is a RunInstances record, with about 15 levels. */
const maxDepth = 64;

/**
 * Reads the events in the text of a file: a CloudTrail log file `{"Records": [...]}`, findings of the AWS CLI
 * `{"Findings": [...]}`, a JSON array, one event, or JSON lines such as GuardDuty's export to S3. Never throws.
 */
export function readEventFile(text: string, options: ReadOptions = {}): EventFile {
  const events: ContextEvent[] = [];
  const raws: unknown[] = [];
  const ignored = new Map<Ignored, number>();
  const problems: { index?: number; problem: string }[] = [];
  const entries = entriesOf(text);
  if ('problem' in entries) return { events, raws, ignored, problems: [entries] };
  for (const [index, entry] of entries.entries()) {
    const read = entry instanceof Unreadable ? entry : (limitProblem(entry) ?? readContextEvent(entry, options));
    if ('problem' in read) problems.push({ index, problem: read.problem });
    else if ('ignored' in read) ignored.set(read.ignored, (ignored.get(read.ignored) ?? 0) + 1);
    else {
      events.push(read.event);
      raws.push(memberOf(entry as Json, 'detail') ?? entry);
    }
  }
  return { events, raws, ignored, problems };
}

/** A line of a file that is not JSON. */
class Unreadable {
  readonly problem: string;

  constructor(problem: string) {
    this.problem = problem;
  }
}

function entriesOf(text: string): readonly Json[] | { readonly problem: string } {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: 'the file is empty' };
  const whole = parse(trimmed);
  if (!(whole instanceof Unreadable)) return entriesIn(whole);
  const lines = trimmed.split('\n').filter((line) => line.trim() !== '');
  const first = parse(lines[0]!);
  if (lines.length === 1 || first instanceof Unreadable) return { problem: 'the file is not JSON' };
  return lines.flatMap((line): readonly Json[] => {
    const value = parse(line);
    return value instanceof Unreadable ? [value] : entriesIn(value);
  });
}

/** Returns the entries of a list in its usual wrappings; any other value is one entry. */
function entriesIn(value: Json): readonly Json[] {
  const lists = [value, memberOf(value, 'Records'), memberOf(value, 'Findings'), memberOf(value, 'findings')];
  return lists.find((list) => Array.isArray(list)) ?? [value];
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return new Unreadable('it is not JSON');
  }
}

/** Returns the problem of an entry that is too large or too deep: a loop, since a hostile entry may be very deep. */
function limitProblem(entry: Json): { readonly problem: string } | undefined {
  let size = 0;
  let level: Json[] = [entry];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return { problem: `it has more than ${maxDepth} levels` };
    const next: Json[] = [];
    for (const value of level) {
      size += typeof value === 'string' ? value.length + 3 : 3;
      if (typeof value !== 'object' || value === null) continue;
      for (const [name, inner] of Object.entries(value)) {
        size += Array.isArray(value) ? 0 : name.length + 3;
        next.push(inner);
      }
      if (size > maxEntrySize) return { problem: 'it is larger than 256 KB' };
    }
    level = next;
  }
  return size > maxEntrySize ? { problem: 'it is larger than 256 KB' } : undefined;
}
