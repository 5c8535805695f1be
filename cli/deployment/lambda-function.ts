import { setTimeout } from 'node:timers/promises';
import type { InvokeCommandOutput, LambdaClient, LambdaClientConfig } from '@aws-sdk/client-lambda';
import { messageOf } from '../../lambda/common/errors.ts';

/** Lambda did not run the function, so nothing was counted: access denied, unknown function, or throttled. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/** Sends an event to the deployed function and resolves to its response. Rejects with NotRun if the function did not run. */
export type Invoke = (event: object) => Promise<unknown>;

/** The maximum number of attempts of a throttled invocation, and the first pause between two, in milliseconds. */
const maxAttempts = 6;
const firstPauseMilliseconds = 500;

/**
 * Creates a client that sends each request once. A request without a response may have run the function, so only
 * `lambdaFunction` decides which requests are retried.
 */
export async function createLambdaClient(config: LambdaClientConfig = {}): Promise<LambdaClient> {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  return new LambdaClient({ ...config, maxAttempts: 1 });
}

/**
 * Invokes a function synchronously (Lambda API Reference, "Invoke"). Rejects with NotRun if Lambda did not run it, and with
 * another error if the function failed or its result is unknown.
 *
 * @param client from `createLambdaClient`
 * @param name the function's name
 */
export function lambdaFunction(client: LambdaClient, name: string, pause: typeof setTimeout = setTimeout): Invoke {
  return async (event) => {
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return responseOf(name, await client.send(command));
      } catch (error) {
        const status = statusOf(error);
        if (status === undefined || status < 400) throw error;
        if (status === 429 && attempt < maxAttempts) {
          await pause(firstPauseMilliseconds * 2 ** (attempt - 1));
          continue;
        }
        const text = `${status} ${messageOf(error).split('\n')[0]}`;
        if (status < 500) throw new NotRun(`the function ${name} was not run: ${text}`);
        throw new Error(`Lambda answered ${text}`);
      }
    }
  };
}

/** Returns the HTTP status of an error; undefined if no response arrived. */
function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function responseOf(name: string, { FunctionError, Payload }: InvokeCommandOutput): unknown {
  const text = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`the function ${name} failed: ${functionError(text)}`);
  return JSON.parse(text) as unknown;
}

/** Reads the message of a function's error (Lambda Developer Guide, "Using Lambda function handler"). */
function functionError(text: string): string {
  try {
    return String((JSON.parse(text) as { errorMessage?: unknown }).errorMessage ?? text);
  } catch {
    return text;
  }
}
