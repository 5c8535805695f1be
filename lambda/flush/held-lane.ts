import pMap from 'p-map';
import type { LaneState } from '../journal/journal.ts';
import type { Lane } from '../journal/lane.ts';
import type { FlushPorts } from './flush-ports.ts';

/** A lane that the process holds, and its state. */
export interface HeldLane {
  readonly lane: Lane;
  state: LaneState;
  isPartial: boolean;
  hasFailed: boolean;
}

/** The number of lanes whose states or leases are requested at once. */
export const lanesAtOnce = 16;

/** Takes the leases of lanes. Returns the lanes that no other process holds. @param until in epoch seconds */
export async function leaseAll(lanes: readonly Lane[], until: number, ports: FlushPorts): Promise<HeldLane[]> {
  const { journal, holder, now, deadline } = ports;
  const held = await pMap(
    lanes,
    async (lane) => {
      const state = await journal.lease(lane, holder, now(), until, deadline);
      return state ? [{ lane, state, isPartial: true, hasFailed: false }] : [];
    },
    { concurrency: lanesAtOnce },
  );
  return held.flat();
}

/** Returns whether pages of a lane are left that are not counted. */
export function isBehind({ state, isPartial }: HeldLane): boolean {
  return isPartial || state.phase === 'apply';
}
