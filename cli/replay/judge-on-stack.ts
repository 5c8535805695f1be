import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNames } from '../../lambda/config.ts';
import { type Item, readCounter } from '../../lambda/core/counter-item.ts';
import { isPair } from '../../lambda/core/counter-key.ts';
import type { RecordAnswer } from '../../lambda/core/respond.ts';
import { createHandler } from '../../lambda/handler.ts';
import type { RuleSet } from '../../lambda/sigma/compiled.ts';
import { type ReceivedAlert, startLocalStack } from '../../local/stack.ts';
import { busiestFirst } from '../busiest-first.ts';
import type { PairCounter } from '../run-events.ts';
import type { Judging, OnAlert } from './judging.ts';

/** The time that Firehose gives an invocation (Firehose Developer Guide, "Data transformation"). */
const invocationMilliseconds = 300_000;

/** The very handler on a fresh embedded stack. */
export interface StackJudging extends Judging {
  invoke(event: unknown): Promise<{ records: RecordAnswer[] }>;
  /** What the topic has sent so far. */
  alerts(): ReceivedAlert[];
}

/**
 * Starts the handler on an embedded stack.
 *
 * @param formats as FLOW_LOG_FORMATS has them; AWS's default format for none
 * @throws FlowError `CONFIG_INVALID` when the formats are not right
 */
export async function judgeOnStack(
  ruleSet: RuleSet,
  formats: readonly string[] | undefined,
  onAlert: OnAlert = () => {},
): Promise<StackJudging> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const stack = await startLocalStack();
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  try {
    const rulesFile = join(directory, 'rules.json');
    writeFileSync(rulesFile, JSON.stringify(ruleSet));
    const environment = {
      ...stack.environment,
      [environmentNames.rulesFile]: rulesFile,
      [environmentNames.formats]: formats?.join('\n'),
    };
    const handler = createHandler(environment, stack.clients);
    let told = 0;
    return {
      async invoke(event) {
        const answer = await handler(event, { getRemainingTimeInMillis: () => invocationMilliseconds });
        for (const alert of stack.alerts().slice(told)) {
          await onAlert(alert, false);
          told += 1;
        }
        return answer;
      },
      alerts: stack.alerts,
      pairs: async () => (await stack.items()).flatMap(pairOf).sort(busiestFirst),
      stop: stack.stop,
    };
  } catch (error) {
    await stack.stop();
    throw error;
  } finally {
    // The handler reads its rules when it is made, and never again.
    rmSync(directory, { recursive: true });
  }
}

function pairOf(item: Item): PairCounter[] {
  const { pk, src, dst } = item;
  if (!pk || !('S' in pk) || !isPair({ pk: pk.S }) || !src || !('S' in src) || !dst || !('S' in dst)) return [];
  const { bytes, rejects, firstSeen, lastSeen } = readCounter(item);
  return [{ src: src.S, dst: dst.S, bytes, rejects, firstSeen, lastSeen }];
}
