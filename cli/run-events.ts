import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNames } from '../lambda/config.ts';
import { readCounter } from '../lambda/core/counter-item.ts';
import { isPair } from '../lambda/core/counter-key.ts';
import type { Quantity } from '../lambda/core/quantity.ts';
import type { RecordAnswer } from '../lambda/core/respond.ts';
import { FlowError } from '../lambda/errors.ts';
import { createHandler } from '../lambda/handler.ts';
import { compileRuleDirectory } from '../lambda/io/rule-directory.ts';
import type { RuleSet } from '../lambda/sigma/compiled.ts';
import { type ReceivedAlert, startLocalStack } from '../local/stack.ts';
import { busiestFirst } from './busiest-first.ts';
import { InputError } from './input-error.ts';

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

/** A pair's counter; times in epoch seconds. */
export interface PairCounter {
  readonly src: string;
  readonly dst: string;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/**
 * What came of a run: an answer for each event, the counters, the busiest pair first, and the alerts in their order; and
 * the rules that judged.
 */
export interface Run {
  readonly rules: RuleSet;
  readonly responses: readonly { records: RecordAnswer[] }[];
  readonly pairs: readonly PairCounter[];
  readonly alerts: readonly ReceivedAlert[];
}

/** The time that Firehose gives an invocation (Firehose Developer Guide, "Data transformation"). */
const invocationMilliseconds = 300_000;

/**
 * Sends events, in order, through the very handler, against one fresh embedded stack.
 *
 * @throws InputError when an event is none; FlowError when the rules or formats are not right, or the work failed
 */
export async function runEvents(events: readonly NamedEvent[], options: RunOptions = {}): Promise<Run> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  const rulesFile = join(directory, 'rules.json');
  try {
    const rules = compileRuleDirectory(options.rules, options.networks);
    writeFileSync(rulesFile, JSON.stringify(rules));
    const stack = await startLocalStack();
    try {
      const environment = {
        ...stack.environment,
        [environmentNames.rulesFile]: rulesFile,
        [environmentNames.formats]: options.format?.join('\n'),
      };
      const handler = createHandler(environment, stack.clients);
      const responses: Run['responses'][number][] = [];
      for (const { name, event } of events) responses.push(await invoked(handler, name, event));
      return { rules, responses, pairs: pairsOf(await stack.items()), alerts: stack.alerts() };
    } finally {
      await stack.stop();
    }
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

function pairsOf(items: Awaited<ReturnType<Awaited<ReturnType<typeof startLocalStack>>['items']>>): PairCounter[] {
  const pairs = items.flatMap((item): PairCounter[] => {
    const { pk, src, dst } = item;
    if (!pk || !('S' in pk) || !isPair({ pk: pk.S }) || !src || !('S' in src) || !dst || !('S' in dst)) return [];
    const { bytes, rejects, firstSeen, lastSeen } = readCounter(item);
    return [{ src: src.S, dst: dst.S, bytes, rejects, firstSeen, lastSeen }];
  });
  return pairs.sort(busiestFirst);
}
