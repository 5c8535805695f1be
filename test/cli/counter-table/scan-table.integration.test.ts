import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairAttributes } from '../../../cli/counter-table/pair-item.ts';
import { scanItems } from '../../../cli/counter-table/scan-table.ts';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';

function scanContract(start: () => Promise<LocalStack>): void {
  let stack: LocalStack;
  let table: string;

  beforeAll(async () => {
    stack = await start();
    table = stack.environment[environmentNames.tableName]!;
    for (let n = 0; n < 20; n += 1) {
      const item = { pk: { S: `pair#10.0.0.${n % 4}#${n}` }, dst: { S: String(n % 2) }, other: { S: 'x' } };
      await stack.clients.dynamoDb.send(new PutItemCommand({ TableName: table, Item: item }));
    }
  }, 60_000);
  afterAll(() => stack?.stop());

  it.each([
    [1, 1],
    [2, 3],
    [1000, 4],
  ])('reads every item once, in pages of %d and %d segments', async (limit, segments) => {
    const scanned = async (where: object) => {
      const seen: string[] = [];
      const options = { attributes: pairAttributes, where, limit, segments };
      const found = await scanItems(stack.clients.dynamoDb, table, options, (item) => {
        expect(Object.keys(item).toSorted()).toEqual(['dst', 'pk']);
        seen.push((item.pk as { S: string }).S);
      });
      expect(found).toMatchObject({ items: 20, isPart: false });
      expect(found.readUnits).toBeGreaterThan(0);
      expect(new Set(seen).size).toBe(seen.length);
      return seen.length;
    };
    expect(await scanned({})).toBe(20);
    expect(await scanned({ pkBegins: 'pair#10.0.0.1#' })).toBe(5);
    expect(await scanned({ pkBegins: 'pair#', texts: { dst: '1' } })).toBe(10);
    expect(await scanned({ pkBegins: 'src#' })).toBe(0);
  });

  it('returns complete items without named attributes, and stops with the items so far when interrupted', async () => {
    const controller = new AbortController();
    let items = 0;
    const options = { limit: 3, segments: 1, interrupted: controller.signal };
    const found = await scanItems(stack.clients.dynamoDb, table, options, (item) => {
      expect(item.other).toEqual({ S: 'x' });
      items += 1;
      if (items === 6) controller.abort();
    });
    expect({ items, found }).toMatchObject({ items: 6, found: { items: 6, isPart: true } });
  });
}

describe('scanItems on dynalite', () => scanContract(startLocalStack));

describe.skipIf(dynamoDbLocal === undefined)('scanItems on DynamoDB Local', () =>
  scanContract(() => startLocalStack(() => startDynamoDbLocal(dynamoDbLocal!))),
);
