import { contextInMemory } from '../../cli/context/memory-context.ts';
import type { RunContext } from '../../cli/context/run-context.ts';
import type { RunEvent } from '../../cli/context/run-event.ts';
import { createMemoryEngine } from '../../cli/replay/memory-engine.ts';
import { type RaisedAlert, raisedAlerts } from '../../cli/replay/raised-alert.ts';
import { runFirehose } from '../../emulators/firehose.ts';
import { type SourceRecord, wrapLines } from '../../emulators/firehose-event.ts';
import { type DeliveredLine, deliveredLines } from '../../events/scenarios/delivery.ts';
import type { Scenario } from '../../events/scenarios/scenario.ts';
import { dayStart } from '../../events/scenarios/times.ts';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { memberOf } from '../../lambda/common/json-value.ts';
import { elementsOf } from '../../lambda/context/aws-json.ts';
import { readContextEvent } from '../../lambda/context/read-event.ts';
import { logFormat } from '../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** The result of a scenario. */
export interface Replay {
  readonly records: number;
  readonly alerts: readonly RaisedAlert[];
}

/**
 * Sends the lines of a scenario through a delivery stream and the function's pipeline, with counters in memory.
 *
 * @param flushSeconds seconds from one flush of a journal to the next; undefined to count directly
 * @param progress called every ten minutes of the labelled day with the finished part, from 0 to 1
 * @throws Error if a line is unreadable or a batch was given up: the scores would mean nothing
 */
export async function replayScenario(
  scenario: Scenario,
  rules: LoadedRules,
  flushSeconds?: number,
  progress: (part: number) => void = () => {},
): Promise<Replay> {
  const alerts: RaisedAlert[] = [];
  const formats = [parseFormat(logFormat) as Format];
  const engine = createMemoryEngine({ formats, rules, flushSeconds, context: contextOf(scenario) }, ({ body }) => {
    alerts.push(...raisedAlerts(JSON.parse(body) as AlertBody));
  });
  let records = 0;
  await runFirehose(sourceOf(deliveredLines(scenario), progress), engine.invoke, {
    delivered() {
      records += 1;
    },
    dropped() {},
    failed({ errorMessage, rawData }) {
      throw new Error(`${scenario.style.name}: ${errorMessage}: ${Buffer.from(rawData, 'base64').toString().trim()}`);
    },
  });
  await engine.finish();
  return { records, alerts };
}

/** Returns the events of a scenario, and what its changes concern. */
function contextOf({ style, context }: Scenario): RunContext | undefined {
  if (!context) return undefined;
  const events = context.events.flatMap((delivered): RunEvent[] => {
    const read = readContextEvent(delivered);
    if ('problem' in read) throw new Error(`${style.name}: an event is unreadable: ${read.problem}`);
    return 'event' in read ? [{ event: read.event, raw: memberOf(delivered, 'detail') }] : [];
  });
  const isOf = (one: unknown, ids: readonly string[]) => {
    const groups = elementsOf(memberOf(one, 'Groups'));
    return groups.some((group) => ids.some((id) => id === memberOf(group, 'GroupId')));
  };
  return {
    events,
    places: {
      interfacesOf: async (ids) => ({ NetworkInterfaces: context.interfaces.filter((one) => isOf(one, ids)) }),
      acls: async () => undefined,
      routeTables: async () => undefined,
    },
    inMemory: contextInMemory,
  };
}

function* sourceOf(lines: Iterable<DeliveredLine>, progress: (part: number) => void): Generator<SourceRecord> {
  let reported = dayStart;
  for (const { line, arrival } of lines) {
    if (arrival > reported + 600) {
      progress(Math.min(1, (arrival - dayStart) / 86_400));
      reported = arrival;
    }
    yield* wrapLines([line], 'json', arrival * 1000);
  }
}
