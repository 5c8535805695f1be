import { eventBatch } from './aggregate/event-batch.ts';
import { eventDeltas, type ObservedEvent } from './aggregate/event-deltas.ts';
import { countAndEvaluate } from './evaluate/count-and-evaluate.ts';
import { alertOn, type Ports, type Settings } from './pipeline.ts';
import { type AlertStages, nothingAlerted } from './telemetry/alert-report.ts';

/**
 * Counts one event as a separate batch, evaluates the rules that read it, and sends the alerts.
 *
 * @param arrival of the event, in epoch seconds: the same in each attempt
 * @throws FlowError if the event must be delivered again; what is counted and published is not repeated then
 */
export async function countEvent(
  observed: ObservedEvent,
  arrival: number,
  { rules, messages }: Pick<Settings, 'rules' | 'messages'>,
  ports: Ports,
): Promise<AlertStages> {
  const { event } = observed;
  const deltas = eventDeltas(observed, rules, arrival);
  // Most events match no rule, and then need no marker.
  if (deltas.length === 0) return nothingAlerted;
  const batch = eventBatch(event, arrival, rules.scope);
  const start = await ports.counters.begin(batch, ports.deadline);
  const isAsBegun = start.scope === rules.scope;
  const counted = isAsBegun ? deltas : eventDeltas(observed, { ...rules, scope: start.scope }, arrival);
  // No rule that reads events learns: see sigma/compile/flow-sentinel-extension.ts.
  const { evaluation } = await countAndEvaluate(counted, batch, start, rules, new Map(), ports);
  return alertOn(evaluation, batch, { account: event.account, region: event.region }, { rules, messages }, ports);
}
