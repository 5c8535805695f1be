import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReceivedAlert, startLocalStack } from '../../emulators/local-stack.ts';
import { now } from '../../lambda/adapters.ts';
import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import { defaultMaintenance } from '../../lambda/aws/dynamo-counter-store.ts';
import { EmfTelemetry } from '../../lambda/aws/emf-telemetry.ts';
import { environmentNames, readConfig } from '../../lambda/config.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { readEvent } from '../../lambda/decode/firehose-event.ts';
import { createFlushHandler } from '../../lambda/flush-handler.ts';
import { createHandler } from '../../lambda/handler.ts';
import type { TransformedRecord } from '../../lambda/respond/respond.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import type { BatchReport } from '../../lambda/telemetry/batch-report.ts';
import type { ContextFeed } from '../context/context-feed.ts';
import type { RunContext } from '../context/run-context.ts';
import { putItems } from '../counter-table/local-table-folder.ts';
import { pairOf } from '../counter-table/pair-item.ts';
import { busiestFirst } from '../statistics/pair-counter.ts';
import { lanesOfRun } from './counting.ts';
import type { Engine, OnAlert } from './engine.ts';
import { latestArrival } from './latest-arrival.ts';
import { ScheduledFlush } from './scheduled-flush.ts';

/** Maximum time of an invocation by Firehose (Firehose Developer Guide, "Data transformation"). */
const invocationMilliseconds = 300_000;

/** The deployed handler on an embedded stack. */
export interface LocalStackEngine extends Engine {
  invoke(event: unknown): Promise<{ records: TransformedRecord[] }>;
  /** Returns the messages that the topic has sent. */
  alerts(): ReceivedAlert[];
  /** Returns the alerts of experimental rules, which were logged and not sent. */
  logged(): readonly Alert[];
  /** Returns all items of the table. */
  items(): Promise<Item[]>;
}

export interface LocalStackEngineOptions {
  /** Receives each alert that the topic sends, and those of experimental rules. */
  readonly onAlert?: OnAlert;
  /** Initial items of the table. */
  readonly items?: readonly Item[] | undefined;
  /** Seconds from one flush of a journal to the next (default: without a journal, each batch is counted directly). */
  readonly flushSeconds?: number | undefined;
  /** What says who has the addresses of alerts, and where they lead (default: nothing). */
  readonly sources?: AddressSources;
  /** What happened around hosts, in any order, and what changes concern (default: alerts have no context). */
  readonly context?: RunContext | undefined;
}

/**
 * Starts the handler on an embedded stack.
 *
 * @param formats flow log formats, as in FLOW_LOG_FORMATS (default: the AWS default format)
 * @throws FlowError `CONFIG_INVALID` if the formats are invalid
 */
export async function startLocalStackEngine(
  ruleSet: RuleSet,
  formats: readonly string[] | undefined,
  { onAlert = () => {}, items = [], flushSeconds, sources, context }: LocalStackEngineOptions = {},
): Promise<LocalStackEngine> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const stack = await startLocalStack();
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  try {
    await putItems(items, stack.clients.dynamoDb, stack.environment[environmentNames.tableName]!);
    const contextModule = context && (await import('../context/stack-context.ts'));
    const rulesFile = join(directory, 'rules.json');
    writeFileSync(rulesFile, JSON.stringify(ruleSet));
    const environment = {
      ...stack.environment,
      [environmentNames.rulesFile]: rulesFile,
      [environmentNames.formats]: formats?.join('\n'),
      ...(flushSeconds !== undefined && {
        [environmentNames.countLanes]: String(lanesOfRun),
        [environmentNames.countEverySeconds]: String(flushSeconds),
      }),
      ...contextModule?.contextEnvironment,
    };
    let implausibleTimes = 0;
    const logged: Alert[] = [];
    let leftOut = 0;
    class Telemetry extends EmfTelemetry {
      override report(report: BatchReport): void {
        implausibleTimes += report.implausibleTimes;
        leftOut += report.duplicateObservations;
        super.report(report);
      }

      override alert(alert: Alert): void {
        logged.push(alert);
        super.alert(alert);
      }
    }
    const createTelemetry = (stackName: string) => new Telemetry(stackName);
    const clock = () => schedule?.now || feed?.now || now();
    const clients = stack.clients;
    const handler = createHandler(environment, clients, defaultMaintenance, createTelemetry, clock, sources);
    const flushHandler = createFlushHandler(environment, clients, defaultMaintenance, createTelemetry, clock, sources);
    const feed: ContextFeed | undefined =
      context && (await contextModule!.contextOnStack(context, { stack, environment, sources, createTelemetry }));
    const getRemainingTimeInMillis = () => invocationMilliseconds;
    const flush = async () => {
      const { region = '', account = '' } = schedule!.origin;
      const invokedFunctionArn = `arn:aws:lambda:${region}:${account}:function:flush`;
      const report = await flushHandler({ force: true }, { getRemainingTimeInMillis, invokedFunctionArn });
      await passOn();
      return report && { ...report, deferred: report.alertsDeferred };
    };
    const schedule: ScheduledFlush | undefined =
      flushSeconds === undefined ? undefined : new ScheduledFlush(flushSeconds, readConfig(environment).formats, flush);
    let notified = 0;
    let notifiedOfLog = 0;
    const passOn = async () => {
      for (const alert of stack.alerts().slice(notified)) {
        await onAlert(alert, false);
        notified += 1;
      }
      for (const alert of logged.slice(notifiedOfLog)) {
        await onAlert(alert, true);
        notifiedOfLog += 1;
      }
    };
    return {
      async invoke(event) {
        await feed?.deliverUntil(latestArrival(readEvent(event).records));
        await passOn();
        await schedule?.before(event);
        const answer = await handler(event, { getRemainingTimeInMillis });
        await passOn();
        return answer;
      },
      async finish() {
        await schedule?.finish();
        await feed?.finish();
        await passOn();
      },
      alerts: stack.alerts,
      logged: () => logged,
      items: stack.items,
      pairs: async () => (await stack.items()).flatMap((item) => pairOf(item) ?? []).sort(busiestFirst),
      implausibleTimes: () => implausibleTimes,
      leftOut: () => leftOut,
      stop: stack.stop,
    };
  } catch (error) {
    await stack.stop();
    throw error;
  } finally {
    // The handler reads its rules only once, when it is created.
    rmSync(directory, { recursive: true });
  }
}
