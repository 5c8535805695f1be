import { InputError } from '../../cli/terminal/input-error.ts';
import { countAFile } from './1-count-a-file.ts';
import { replayAFile } from './1b-replay-a-file.ts';
import { handleAnEvent } from './2-handle-an-event.ts';
import { countInATable } from './3-count-in-a-table.ts';
import { writes } from './4-writes.ts';
import { start } from './5-start.ts';
import { memory } from './6-memory.ts';
import { growth } from './7-growth.ts';
import { lookUpNetworks } from './8-look-up-networks.ts';
import { lookUpRegions } from './8b-look-up-regions.ts';
import { journal } from './9-journal.ts';
import { flushBacklog } from './9b-flush.ts';
import { ruleEngine } from './10-rule-engine.ts';
import type { Part } from './benchmark.ts';
import { huntAFile } from './hunt-a-file.ts';
import { startOfCommands } from './start-commands.ts';

/** All parts, in the order in which they run. */
export const parts: readonly Part[] = [
  countAFile,
  replayAFile,
  handleAnEvent,
  countInATable,
  writes,
  start,
  memory,
  growth,
  lookUpNetworks,
  lookUpRegions,
  journal,
  flushBacklog,
  ruleEngine,
  huntAFile,
  startOfCommands,
];

/**
 * Returns the parts with the given numbers; `1` selects 1 and 1b.
 *
 * @param numbers separated by commas; default: all parts
 * @throws InputError that names the unknown numbers
 */
export function partsOf(numbers: string | undefined): readonly Part[] {
  if (numbers === undefined) return parts;
  const wanted = numbers.split(',').map((number) => number.trim());
  const isWanted = (number: string, { number: own }: Part) => own === number || own === `${number}b`;
  const unknown = wanted.filter((number) => !parts.some((part) => isWanted(number, part)));
  if (unknown.length > 0) {
    const known = parts.map(({ number }) => number).join(', ');
    throw new InputError(
      `--only is invalid: got ${unknown.map((number) => JSON.stringify(number)).join(', ')}, expected some of ${known}`,
    );
  }
  return parts.filter((part) => wanted.some((number) => isWanted(number, part)));
}
