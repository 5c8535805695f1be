import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readEventFile } from './invoke.ts';
import type { NamedEvent } from './run-events.ts';

/** Where the sample events are: a folder a scenario, its events in order, and what is expected of them. */
export const eventsDirectory = join(import.meta.dirname, '../events');

/** The file of a scenario's folder that says what is expected; all others are events. */
export const expectedName = 'expected.json';

/** The scenarios' names, in order. */
export function scenarios(): string[] {
  const entries = readdirSync(eventsDirectory, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

/** A scenario's events, in order, named by their paths from the current folder. */
export function scenarioFiles(scenario: string): NamedEvent[] {
  const folder = join(eventsDirectory, scenario);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== expectedName);
  return names.sort().map((name) => readEventFile(relative(process.cwd(), join(folder, name))));
}
