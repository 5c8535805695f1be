import { pairOf } from '../../lambda/flow-log/endpoints.ts';
import { type Flow, fieldReader } from '../../lambda/flow-log/flow.ts';
import { type FlowCounts, isFlow } from './flow-counts.ts';

/** Counts a flow that may not be part of its pair's sums, by what it lacks; nothing for NODATA and SKIPDATA. */
export function addUncounted(counts: Pick<FlowCounts, 'addUncounted'>, flow: Flow): void {
  if (!isFlow(statusOf(flow))) return;
  counts.addUncounted(pairOf(flow) !== undefined, actionOf(flow), bytesOf(flow) !== undefined);
}

const statusOf = fieldReader('log-status');
const actionOf = fieldReader('action');
const bytesOf = fieldReader('bytes');
