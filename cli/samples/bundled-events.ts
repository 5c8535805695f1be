import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { NamedEvent } from '../replay/run-events.ts';
import { readEventFile } from './invoke.ts';

/** Where the sample events are: a folder a scenario, its events in order, and what is expected of them. */
export const eventsDirectory = join(import.meta.dirname, '../../events');

/** The file of a scenario's folder that says what is expected; all others are events. */
export const expectedFileName = 'expected.json';

/** The scenarios' names, in order: the folders that hold events. */
export function scenarioNames(): string[] {
  const entries = readdirSync(eventsDirectory, { withFileTypes: true });
  const folders = entries.flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  return folders.filter((name) => readdirSync(join(eventsDirectory, name)).some(isJson)).sort();
}

/** A scenario's events, in order, named by their paths from the current folder. */
export function scenarioEvents(scenario: string): NamedEvent[] {
  const folder = join(eventsDirectory, scenario);
  const names = readdirSync(folder).filter((name) => isJson(name) && name !== expectedFileName);
  return names.sort().map((name) => readEventFile(relative(process.cwd(), join(folder, name))));
}

function isJson(name: string): boolean {
  return name.endsWith('.json');
}
