import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { NamedEvent } from '../replay/run-events.ts';
import { readEventFile } from './invoke.ts';

/** Folder of the sample events: one folder a scenario, with its events in order and the expected result. */
export const eventsDirectory = join(import.meta.dirname, '../../events');

/** File with the expected result in the folder of a scenario; all other files are events. */
export const expectedFileName = 'expected.json';

/** Returns the names of the scenarios, in order: the folders with events. */
export function scenarioNames(): string[] {
  const entries = readdirSync(eventsDirectory, { withFileTypes: true });
  const folders = entries.flatMap((entry) => (entry.isDirectory() ? entry.name : []));
  return folders.filter((name) => readdirSync(join(eventsDirectory, name)).some(isJson)).sort();
}

/** Reads the events of a scenario, in order, with their paths relative to the current folder. */
export function scenarioEvents(scenario: string): NamedEvent[] {
  const folder = join(eventsDirectory, scenario);
  const names = readdirSync(folder).filter((name) => isJson(name) && name !== expectedFileName);
  return names.sort().map((name) => readEventFile(relative(process.cwd(), join(folder, name))));
}

function isJson(name: string): boolean {
  return name.endsWith('.json');
}
