import { randomBytes } from 'node:crypto';
import { createAdapters, type Environment, now } from './adapters.ts';
import type { AddressSources } from './alert/address-sources.ts';
import { type Clients, createClients } from './aws/clients.ts';
import { deadlineSignals } from './aws/deadline.ts';
import { DynamoAlertStateStore } from './aws/dynamo-alert-state-store.ts';
import { defaultMaintenance, type MaintenanceOptions } from './aws/dynamo-counter-store.ts';
import { EmfTelemetry } from './aws/emf-telemetry.ts';
import { FlowError, messageOf } from './common/errors.ts';
import { environmentNames, readConfig } from './config.ts';
import { type FlushMemory, type FlushTask, flush } from './flush/flush.ts';
import type { FlushResult } from './flush/flush-run.ts';
import { readFlushTask } from './flush/flush-task.ts';
import { alertReportOf } from './telemetry/alert-report.ts';
import type { FlushReport } from './telemetry/flush-report.ts';

/** The function that counts what batches put into the journal; a schedule invokes it each minute. */
export type FlushHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number; readonly invokedFunctionArn: string },
) => Promise<FlushReport | undefined>;

/**
 * What a process remembers of the lanes of one task. Lambda may give a process the events of several tasks: the flush of
 * one says nothing about the lanes of another, nor do the queues that one has read in a minute.
 */
interface TaskState {
  readonly memory: FlushMemory;
  readonly alertState: DynamoAlertStateStore;
}

/** The time for the alerts and the records of what is counted, after the last chunk began, in milliseconds. */
const lastStartMilliseconds = 90_000;

/** The time of a lease beyond the end of an invocation, in seconds: clocks differ. */
const leaseMarginSeconds = 60;

/**
 * Creates the function: reads the configuration and creates the adapters once per process.
 *
 * @param environment see readConfig
 * @param clock epoch seconds
 * @param sources what says who has the addresses of alerts, and where they lead (default: nothing)
 * @throws FlowError `CONFIG_INVALID` if the environment or the compiled rules are invalid
 */
export function createFlushHandler(
  environment: Environment,
  clients: Clients = createClients(),
  maintenance: MaintenanceOptions = defaultMaintenance,
  createTelemetry: (stackName: string) => EmfTelemetry = (stackName) => new EmfTelemetry(stackName),
  clock: () => number = now,
  sources: AddressSources = {},
): FlushHandler {
  const config = readConfig(environment);
  const adapters = createAdapters(config, clients, maintenance, createTelemetry(config.stackName), sources, clock);
  const { rules, lists, geoTable, journal, ...ports } = adapters;
  const { log } = ports;
  const tasks = new Map<string, TaskState>();
  const stateOf = ({ index, processes }: FlushTask): TaskState => {
    const name = `${index} of ${processes}`;
    const state = tasks.get(name) ?? {
      memory: new Map(),
      alertState: new DynamoAlertStateStore(clients.dynamoDb, { ...config, scope: rules.scope }),
    };
    tasks.set(name, state);
    return state;
  };
  const holder = randomName();
  return async (event, context) => {
    const remaining = context.getRemainingTimeInMillis();
    const signals = deadlineSignals(remaining);
    const lastStart = AbortSignal.timeout(Math.max(0, Math.min(remaining - lastStartMilliseconds, remaining / 2)));
    const leaseEnd = clock() + Math.ceil(remaining / 1000) + leaseMarginSeconds;
    try {
      if (!journal) {
        throw new FlowError(
          'CONFIG_INVALID',
          `${environmentNames.journalTableName} is missing: expected the journal's table`,
        );
      }
      const task = readFlushTask(event);
      await Promise.all([lists.refresh(signals.deadline), geoTable.refresh(signals.deadline)]);
      const settings = {
        rules,
        messages: config.messages,
        origin: originOf(context.invokedFunctionArn),
        everySeconds: config.countEverySeconds,
        lanes: config.countLanes,
      };
      const { memory, alertState } = stateOf(task);
      const result = await flush(task, settings, memory, {
        ...ports,
        alertState,
        journal,
        ...signals,
        lastStart,
        holder,
        leaseUntil: () => leaseEnd,
        now: clock,
        newAttempt: randomName,
      });
      if (!result) return undefined;
      const report = reportOf(result);
      log.flushed(report);
      for (const problem of result.problems) log.flushFailed(problem);
      return report;
    } catch (error) {
      log.flushFailed(error);
      throw error;
    }
  };
}

function reportOf({ problems, outcome, queued, suppressions, ...numbers }: FlushResult): FlushReport {
  return { ...numbers, ...alertReportOf({ outcome, queued, suppressions }), problems: problems.map(messageOf) };
}

/** Returns the account and the region in the function's own name. */
function originOf(functionArn: string) {
  const [, , , region, account] = functionArn.split(':');
  return { region: region || undefined, account: account || undefined };
}

/** Returns eight random characters. */
function randomName(): string {
  return randomBytes(6).toString('base64url');
}
