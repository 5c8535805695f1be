import type { ReceivedAlert } from '../../emulators/local-stack.ts';
import { FlowError } from '../../lambda/common/errors.ts';
import type { RecordAnswer } from '../../lambda/respond/respond.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { openKeptFolder } from '../counter-table/local-table-folder.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { InputError } from '../terminal/input-error.ts';
import { type LocalStackEngine, startLocalStackEngine } from './local-stack-engine.ts';

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
}

export interface PersistentRunOptions extends RunOptions {
  /** A folder that keeps the counters: they are gone on from, and kept there afterwards. */
  readonly keep?: string;
}

/**
 * What came of a run: an answer for each event, the counters, the busiest pair first, and the alerts in their order; and
 * the rules that judged.
 */
export interface RunResult {
  readonly rules: RuleSet;
  readonly responses: readonly { records: RecordAnswer[] }[];
  readonly pairs: readonly PairCounter[];
  readonly alerts: readonly ReceivedAlert[];
}

/**
 * Sends events, in order, through the very handler, against one embedded stack, fresh or as it was kept.
 *
 * @param signal ends it between two events
 * @throws InputError when an event is none, or the folder cannot keep counters; FlowError when the rules or formats are
 * not right, or the work failed. What the folder kept is then as it was
 */
export async function runEvents(
  events: readonly NamedEvent[],
  options: PersistentRunOptions = {},
  signal?: AbortSignal,
): Promise<RunResult> {
  const rules = compileRuleDirectory(options.rules, options.networks);
  const kept = options.keep === undefined ? undefined : await openKeptFolder(options.keep);
  try {
    const stack = await startLocalStackEngine(rules, options.format, { items: kept?.items });
    try {
      const responses: RunResult['responses'][number][] = [];
      for (const { name, event } of events) {
        signal?.throwIfAborted();
        responses.push(await invoked(stack, name, event));
      }
      await kept?.keep(await stack.items());
      return { rules, responses, pairs: await stack.pairs(), alerts: stack.alerts() };
    } finally {
      await stack.stop();
    }
  } catch (error) {
    await kept?.discard();
    throw error;
  }
}

async function invoked(stack: LocalStackEngine, name: string, event: unknown): Promise<{ records: RecordAnswer[] }> {
  try {
    return await stack.invoke(event);
  } catch (error) {
    if (error instanceof FlowError && error.code === 'EVENT_INVALID') throw new InputError(`${name}: ${error.message}`);
    throw error;
  }
}
