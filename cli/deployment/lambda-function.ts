import { setTimeout } from 'node:timers/promises';
import type { SNSClient } from '@aws-sdk/client-sns';
import { type Invoke, NotRun } from '../redrive/invoke.ts';
import { signedRequest } from './signed-request.ts';

/** How often a throttled invocation is asked for, and how long before it is asked for again, in milliseconds. */
const mostTries = 6;
const firstPause = 500;

/**
 * Invokes a function synchronously (Lambda API Reference, "Invoke"). Rejects with NotRun when Lambda refused to run it, and
 * with another error when it failed, or nobody knows.
 *
 * @param name the function's name
 */
export function lambdaFunction(client: SNSClient, name: string, pause: typeof setTimeout = setTimeout): Invoke {
  return async (event) => {
    for (let tries = 1; ; tries += 1) {
      const { status, headers, body } = await signedRequest(client, {
        service: 'lambda',
        method: 'POST',
        path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
        headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'RequestResponse' },
        body: JSON.stringify(event),
      });
      if (status === 429 && tries < mostTries) {
        await pause(firstPause * 2 ** (tries - 1));
        continue;
      }
      if (status >= 400 && status < 500)
        throw new NotRun(`the function ${name} was not run: ${status} ${messageIn(body)}`);
      if (status !== 200) throw new Error(`Lambda answered ${status} ${messageIn(body)}`);
      if (headers['x-amz-function-error'] !== undefined)
        throw new Error(`the function ${name} failed: ${messageIn(body)}`);
      return JSON.parse(body) as unknown;
    }
  };
}

/** A refusal has its message in `Message` or `message`, and a function's error in `errorMessage`. */
function messageIn(body: string): string {
  try {
    const { Message, message, errorMessage } = JSON.parse(body) as Record<string, unknown>;
    return String(Message ?? message ?? errorMessage ?? body);
  } catch {
    return body;
  }
}
