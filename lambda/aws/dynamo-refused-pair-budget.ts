import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { grantOf, grantUpdate } from '../count/batch-marker.ts';
import { numberAttribute, numberOf } from '../count/counter-item.ts';
import type { CounterTable, UpdateParameters } from '../count/counter-update.ts';
import { ExpressionBuilder } from '../count/expression-builder.ts';
import { everyPair, leftOf, type RefusedGrant, type RefusedPairBudget } from '../count/refused-pair-budget.ts';
import { type Batch, minuteOf } from '../counters/batch.ts';
import { sendUpdate } from './send-update.ts';

/** How long the reserved pairs of a minute are stored, in seconds. */
const reservedSeconds = 3600;

/**
 * Stores the budget in the counter table: the reserved pairs in an item a minute, and the grant in the batch's marker.
 */
export class DynamoRefusedPairBudget implements RefusedPairBudget {
  readonly perMinute: number;
  readonly #client: DynamoDBClient;
  readonly #table: CounterTable;

  constructor(client: DynamoDBClient, table: CounterTable, perMinute: number) {
    this.#client = client;
    this.#table = table;
    this.perMinute = perMinute;
  }

  async reserve(batch: Batch, wanted: number, signal: AbortSignal): Promise<number> {
    const item = await sendUpdate(this.#client, reserveUpdate(minuteOf(batch), wanted, this.#table.tableName), signal);
    const reserved = (numberOf(item?.pairs) ?? wanted) - wanted;
    return leftOf(this.perMinute, reserved, wanted);
  }

  async settle(batch: Batch, proposed: RefusedGrant, signal: AbortSignal): Promise<RefusedGrant> {
    const marker = await sendUpdate(this.#client, grantUpdate(batch, proposed, this.#table), signal);
    // Without the marker, which is that of another batch with the same token, each attempt counts every pair.
    return marker ? (grantOf(marker) ?? proposed) : { ...proposed, granted: everyPair };
  }
}

function reserveUpdate(minute: number, wanted: number, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value } = expression;
  expression.add(`${name('pairs')} ${value(numberAttribute(wanted))}`);
  expression.set(`${name('expiresAt')} = ${value(numberAttribute(minute * 60 + reservedSeconds))}`);
  return {
    TableName: tableName,
    Key: { pk: { S: `refused-pairs#${minute}` } },
    ...expression.parameters(),
    ReturnValues: 'ALL_NEW',
  };
}
