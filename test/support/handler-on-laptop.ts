import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalStack, startLocalStack } from '../../emulators/local-stack.ts';
import { environmentNames } from '../../lambda/config.ts';
import { readCounter } from '../../lambda/count/counter-item.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { createFlushHandler, type FlushHandler } from '../../lambda/flush-handler.ts';
import { createHandler, type Handler } from '../../lambda/handler.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Writes a compiled rule set to the file that the function reads, and returns its path. */
export function rulesFile(ruleSet: RuleSet = compileRuleDirectory()): string {
  const path = join(temporaryFolder(), 'rules.json');
  writeFileSync(path, JSON.stringify(ruleSet));
  return path;
}

/** The deployed handler on an embedded stack. */
export interface Laptop extends LocalStack {
  readonly handler: Handler;
  /** Invokes the handler with an event and five minutes of time. */
  send(event: unknown): ReturnType<Handler>;
  /** Invokes the handler that counts the journal. Default: all lanes, now. */
  flush(event?: unknown): ReturnType<FlushHandler>;
  counter(pk: string): Promise<Counter | undefined>;
}

/**
 * Starts the handler on a new embedded stack.
 *
 * @param format the flow log format (default: AWS's default)
 * @param ruleSet the rules (default: the shipped rules)
 * @param more further environment variables
 */
export async function startLaptop(
  format?: string,
  ruleSet?: RuleSet,
  more: Readonly<Record<string, string>> = {},
): Promise<Laptop> {
  return laptopOn(await startLocalStack(), format, ruleSet, more);
}

/** Starts the handler on an embedded stack, with the parameters of `startLaptop`. */
export function laptopOn(
  stack: LocalStack,
  format?: string,
  ruleSet?: RuleSet,
  more: Readonly<Record<string, string>> = {},
): Laptop {
  const environment = {
    ...stack.environment,
    [environmentNames.rulesFile]: rulesFile(ruleSet),
    [environmentNames.formats]: format,
    ...more,
  };
  const handler = createHandler(environment, stack.clients);
  const flushHandler = createFlushHandler(environment, stack.clients);
  const invokedFunctionArn = 'arn:aws:lambda:us-east-1:123456789012:function:flush';
  return {
    ...stack,
    handler,
    send: (event) => handler(event, { getRemainingTimeInMillis: () => 300_000 }),
    flush: (event = { force: true }) =>
      flushHandler(event, { getRemainingTimeInMillis: () => 300_000, invokedFunctionArn }),
    async counter(pk) {
      const item = (await stack.items()).find(({ pk: key }) => key && 'S' in key && key.S === pk);
      return item && readCounter(item);
    },
  };
}
