import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNames } from '../lambda/config.ts';
import type { RecordAnswer } from '../lambda/core/respond.ts';
import { FlowError } from '../lambda/errors.ts';
import { createHandler } from '../lambda/handler.ts';
import { compileRuleDirectory } from '../lambda/io/rule-directory.ts';
import { type ReceivedAlert, startLocalStack } from '../local/stack.ts';
import { InputError } from './input-error.ts';
import { openKeptFolder, putItems } from './live/kept-table.ts';
import { pairOf } from './live/pair-item.ts';
import { busiestFirst, type PairCounter } from './pair-counter.ts';

/** An event and where it is from. */
export interface NamedEvent {
  readonly name: string;
  readonly event: unknown;
}

/** What the rules and formats of a run are; each has a default. */
export interface RunOptions {
  readonly rules?: string;
  readonly networks?: string;
  /** One or more formats, as AWS writes them or as field names. */
  readonly format?: readonly string[];
  /** A folder that keeps the counters: they are gone on from, and kept there afterwards. */
  readonly keep?: string;
}

/** What came of a run: an answer for each event, the counters, the busiest pair first, and the alerts in their order. */
export interface Run {
  readonly responses: readonly { records: RecordAnswer[] }[];
  readonly pairs: readonly PairCounter[];
  readonly alerts: readonly ReceivedAlert[];
}

/** The time that Firehose gives an invocation (Firehose Developer Guide, "Data transformation"). */
const invocationMilliseconds = 300_000;

/**
 * Sends events, in order, through the very handler, against one embedded stack, fresh or as it was kept.
 *
 * @throws InputError when an event is none, or the folder cannot keep counters; FlowError when the rules or formats are
 * not right, or the work failed. What the folder kept is then as it was
 */
export async function runEvents(events: readonly NamedEvent[], options: RunOptions = {}): Promise<Run> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const kept = options.keep === undefined ? undefined : await openKeptFolder(options.keep);
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  const rulesFile = join(directory, 'rules.json');
  try {
    writeFileSync(rulesFile, JSON.stringify(compileRuleDirectory(options.rules, options.networks)));
    const stack = await startLocalStack();
    try {
      const tableName = stack.environment[environmentNames.tableName]!;
      if (kept) await putItems(kept.items, stack.clients.dynamoDb, tableName);
      const environment = {
        ...stack.environment,
        [environmentNames.rulesFile]: rulesFile,
        [environmentNames.formats]: options.format?.join('\n'),
      };
      const handler = createHandler(environment, stack.clients);
      const responses: Run['responses'][number][] = [];
      for (const { name, event } of events) responses.push(await invoked(handler, name, event));
      const items = await stack.items();
      await kept?.keep(items);
      const pairs = items.flatMap((item) => pairOf(item) ?? []).sort(busiestFirst);
      return { responses, pairs, alerts: stack.alerts() };
    } finally {
      await stack.stop();
    }
  } catch (error) {
    await kept?.discard();
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function invoked(handler: ReturnType<typeof createHandler>, name: string, event: unknown) {
  try {
    return await handler(event, { getRemainingTimeInMillis: () => invocationMilliseconds });
  } catch (error) {
    if (error instanceof FlowError && error.code === 'EVENT_INVALID') throw new InputError(`${name}: ${error.message}`);
    throw error;
  }
}
