import type { ReceivedAlert } from '../../emulators/local-stack.ts';
import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import { FlowError } from '../../lambda/common/errors.ts';
import type { ContextEvent } from '../../lambda/context/context-event.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import type { TransformedRecord } from '../../lambda/respond/respond.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { completedEvents } from '../context/completed-events.ts';
import { contextOf } from '../context/context-of.ts';
import type { RunContext } from '../context/run-context.ts';
import { openCounterFolder } from '../counter-table/local-table-folder.ts';
import { hasDirection } from '../monitored-networks/has-direction.ts';
import type { Monitoring } from '../monitored-networks/left-out-text.ts';
import type { ScopedOptions } from '../monitored-networks/monitored-networks.ts';
import { readSources, type SourceOptions } from '../names/read-sources.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { InputError } from '../terminal/input-error.ts';
import { type CountingOptions, flushSecondsOf } from './counting.ts';
import { type LocalStackEngine, startLocalStackEngine } from './local-stack-engine.ts';
import { monitoredRules } from './monitored-rules.ts';
import { countingOfRun } from './stage-counting.ts';
import { warnMissingScope } from './warn-missing-scope.ts';

/** An event with the path of its file. */
export interface NamedEvent {
  readonly name: string;
  readonly event: unknown;
}

/** Rules, monitored networks and formats of a run; each has a default. */
export interface RunOptions extends ScopedOptions, CountingOptions, SourceOptions {
  readonly rules?: string;
  /** Flow log formats, as AWS writes them or as field names. */
  readonly format?: readonly string[];
}

/** Options of a run that may continue from stored counters. */
export interface PersistentRunOptions extends RunOptions {
  /** Folder with the counters of earlier runs; the counters are stored there after the run. */
  readonly keep?: string;
}

/** What alerts of a run know besides flows. */
export interface GivenSources extends AddressSources {
  readonly context?: RunContext | undefined;
}

/** Result of a run: a response for each event, the pairs (busiest first), the alerts in order, and the rules. */
export interface RunResult {
  readonly rules: RuleSet;
  readonly responses: readonly { records: TransformedRecord[] }[];
  readonly pairs: readonly PairCounter[];
  readonly alerts: readonly ReceivedAlert[];
  /** The alerts of experimental rules, which were logged and not sent. */
  readonly logged: readonly Alert[];
  /** Number of flows that ended at an implausible time. */
  readonly implausibleTimes: number;
  /** The monitored networks and what they leave out; undefined if no format has `flow-direction`. */
  readonly monitoring: Monitoring | undefined;
  readonly counting: CountingOptions;
  readonly sources: AddressSources;
  /** What happened around hosts; undefined without context. */
  readonly contextEvents: readonly ContextEvent[] | undefined;
}

/**
 * Sends events in order through the deployed handler on one embedded stack, which is empty or has stored counters.
 *
 * @param signal stops the run between two events
 * @param given what says who has addresses, where they lead, and what happened around hosts (default: what the options name)
 * @throws InputError for an invalid event or folder; FlowError for invalid rules or formats, or if the work failed. The
 * counters in the folder stay unchanged then
 */
export async function runEvents(
  events: readonly NamedEvent[],
  options: PersistentRunOptions = {},
  signal?: AbortSignal,
  given?: GivenSources,
): Promise<RunResult> {
  const { context, ...sources } = given ?? {
    ...(await readSources(options, signal)),
    context: await contextOf(options, signal),
  };
  const { ruleSet: rules, monitored } = monitoredRules(options, sources.regions !== undefined, context !== undefined);
  warnMissingScope(rules, formatsOf(options));
  const counting = countingOfRun(options);
  const folder = options.keep === undefined ? undefined : await openCounterFolder(options.keep);
  try {
    const stack = await startLocalStackEngine(rules, options.format, {
      items: folder?.items,
      flushSeconds: flushSecondsOf(counting),
      sources,
      context,
    });
    try {
      const responses: RunResult['responses'][number][] = [];
      for (const { name, event } of events) {
        signal?.throwIfAborted();
        responses.push(await invoke(stack, name, event));
      }
      await stack.finish();
      await folder?.save(await stack.items());
      const pairs = await stack.pairs();
      const monitoring = hasDirection(formatsOf(options)) ? { monitored, leftOut: stack.leftOut() } : undefined;
      const implausibleTimes = stack.implausibleTimes();
      const [alerts, logged] = [stack.alerts(), stack.logged()];
      const contextEvents = await completedEvents(context);
      return {
        ...{ rules, responses, pairs, alerts, logged, implausibleTimes, monitoring, counting, sources },
        contextEvents,
      };
    } finally {
      await stack.stop();
    }
  } catch (error) {
    await folder?.discard();
    throw error;
  }
}

function formatsOf({ format = [] }: RunOptions): Format[] {
  return format.map(parseFormat).flatMap((parsed) => ('problem' in parsed ? [] : parsed));
}

async function invoke(
  stack: LocalStackEngine,
  name: string,
  event: unknown,
): Promise<{ records: TransformedRecord[] }> {
  try {
    return await stack.invoke(event);
  } catch (error) {
    if (error instanceof FlowError && error.code === 'EVENT_INVALID') throw new InputError(`${name}: ${error.message}`);
    throw error;
  }
}
