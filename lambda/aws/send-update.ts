import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../count/counter-item.ts';
import type { UpdateParameters } from '../count/counter-update.ts';
import { storeError } from './store-error.ts';

/**
 * Sends an update. Returns the attributes that the update asks for; undefined if its condition failed.
 *
 * @throws FlowError as storeError returns it
 */
export async function sendUpdate(
  client: DynamoDBClient,
  update: UpdateParameters,
  signal: AbortSignal,
): Promise<Item | undefined> {
  try {
    const { Attributes } = await client.send(new UpdateItemCommand(update as never), { abortSignal: signal });
    return (Attributes ?? {}) as Item;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw await storeError(error, signal, client);
  }
}
