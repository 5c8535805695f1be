import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type LocalStack, startLocalStack } from '../../emulators/local-stack.ts';

/**
 * Starts one embedded stack for all tests of a file. Each test finds the table, the queue and the buckets empty, and
 * clients without the middleware of earlier tests.
 */
export function sharedStack(): () => LocalStack {
  let stack: LocalStack;
  let restoreClients: () => void;
  beforeAll(async () => {
    stack = await startLocalStack();
    const { dynamoDb, sns } = stack.clients;
    const [ofDynamoDb, ofSns] = [dynamoDb.middlewareStack.clone(), sns.middlewareStack.clone()];
    restoreClients = () => {
      dynamoDb.middlewareStack = ofDynamoDb.clone();
      sns.middlewareStack = ofSns.clone();
    };
  });
  beforeEach(async () => {
    restoreClients();
    await stack.clear();
  });
  afterAll(() => stack.stop());
  return () => stack;
}
