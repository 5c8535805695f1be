import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReceivedAlert, startLocalStack } from '../../emulators/local-stack.ts';
import { environmentNames } from '../../lambda/config.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { createHandler } from '../../lambda/handler.ts';
import type { RecordAnswer } from '../../lambda/respond/respond.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { putItems } from '../counter-table/local-table-folder.ts';
import { pairOf } from '../counter-table/pair-item.ts';
import { busiestFirst } from '../statistics/pair-counter.ts';
import type { Engine, OnAlert } from './engine.ts';

/** The time that Firehose gives an invocation (Firehose Developer Guide, "Data transformation"). */
const invocationMilliseconds = 300_000;

/** The very handler on an embedded stack. */
export interface LocalStackEngine extends Engine {
  invoke(event: unknown): Promise<{ records: RecordAnswer[] }>;
  /** What the topic has sent so far. */
  alerts(): ReceivedAlert[];
  /** All items of the table. */
  items(): Promise<Item[]>;
}

export interface LocalStackEngineOptions {
  /** Is told of each alert as it comes out of the topic. */
  readonly onAlert?: OnAlert;
  /** What the table begins with. */
  readonly items?: readonly Item[] | undefined;
}

/**
 * Starts the handler on an embedded stack.
 *
 * @param formats as FLOW_LOG_FORMATS has them; AWS's default format for none
 * @throws FlowError `CONFIG_INVALID` when the formats are not right
 */
export async function startLocalStackEngine(
  ruleSet: RuleSet,
  formats: readonly string[] | undefined,
  { onAlert = () => {}, items = [] }: LocalStackEngineOptions = {},
): Promise<LocalStackEngine> {
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
  const stack = await startLocalStack();
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  try {
    await putItems(items, stack.clients.dynamoDb, stack.environment[environmentNames.tableName]!);
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
      items: stack.items,
      pairs: async () => (await stack.items()).flatMap((item) => pairOf(item) ?? []).sort(busiestFirst),
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
