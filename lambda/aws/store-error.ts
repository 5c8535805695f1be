import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FlowError, messageOf } from '../common/errors.ts';
import { PatientRetryStrategy } from './patient-retry-strategy.ts';

/**
 * Converts an error of the table, or of a fired signal, to the error of the ports. A request is retried until the signal
 * fires, so the error of the signal says why the last request failed.
 *
 * @param table names the table in the message
 */
export async function storeError(
  error: unknown,
  signal: AbortSignal,
  { config }: DynamoDBClient,
  table = 'the counter table',
): Promise<FlowError> {
  if (!signal.aborted) {
    const message = `a request to ${table} failed: ${messageOf(error)}`;
    return new FlowError('COUNT_FAILED', message, { cause: error });
  }
  const strategy = await config.retryStrategy();
  const failure = strategy instanceof PatientRetryStrategy ? strategy.lastFailure : undefined;
  const reason = failure === undefined ? '' : `; before that, a request failed: ${messageOf(failure)}`;
  const message = `the request to ${table} was aborted at the deadline${reason}`;
  return new FlowError('DEADLINE_NEAR', message, { cause: error });
}
