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
import type { Part } from './benchmark.ts';

/** In the order in which they run. */
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
];

/**
 * The parts of those numbers: `1` stands for 1 and 1b.
 *
 * @param numbers with commas between; all of them for none
 * @throws InputError that names what is no number of a part
 */
export function partsOf(numbers: string | undefined): readonly Part[] {
  if (numbers === undefined) return parts;
  const wanted = numbers.split(',').map((number) => number.trim());
  const isWanted = (number: string, { number: own }: Part) => own === number || own === `${number}b`;
  const unknown = wanted.filter((number) => !parts.some((part) => isWanted(number, part)));
  if (unknown.length > 0) {
    const known = parts.map(({ number }) => number).join(', ');
    throw new InputError(
      `there is no part ${unknown.map((one) => JSON.stringify(one)).join(', ')}; there are ${known}`,
    );
  }
  return parts.filter((part) => wanted.some((number) => isWanted(number, part)));
}
