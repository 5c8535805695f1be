import type { StandardRetryStrategy } from '@smithy/core/retry';

type RetryStrategy = Pick<
  StandardRetryStrategy,
  'acquireInitialRetryToken' | 'refreshRetryTokenForRetry' | 'recordSuccess'
>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;
type RetryErrorInfo = Parameters<RetryStrategy['refreshRetryTokenForRetry']>[1];

/** The first delay at most, and every delay at most: an aborted request ends its delay at once. */
const firstBackoffMilliseconds = 50;
const maxBackoffMilliseconds = 1000;

/**
 * Returns a random delay before a further request, which doubles up to a second ("Exponential Backoff And Jitter", AWS
 * Architecture Blog): 64 waiting requests still use the complete capacity of a table of 20 units a second.
 *
 * @param retries number of failed requests so far, at least 1
 */
export function backoffMilliseconds(retries: number, random: () => number = Math.random): number {
  return Math.floor(random() * Math.min(maxBackoffMilliseconds, firstBackoffMilliseconds * 2 ** (retries - 1)));
}

/**
 * Retries throttled and failed requests until the caller's signal fires. The SDK's strategies end after some attempts, or
 * when the client's retry quota is empty: a table that refuses half of its requests empties the quota within a second, and
 * a batch would be given up with minutes left.
 */
export class PatientRetryStrategy implements RetryStrategy {
  /** The error of the last request that failed and is retried; undefined after a success. */
  lastFailure: unknown;

  async acquireInitialRetryToken(): Promise<RetryToken> {
    return tokenOf(0);
  }

  /** @throws Error for an error of the client, such as a failed condition or a missing right: a retry changes nothing */
  async refreshRetryTokenForRetry(token: RetryToken, { errorType, error }: RetryErrorInfo): Promise<RetryToken> {
    if (errorType === 'CLIENT_ERROR') throw new Error('the error is not retryable');
    this.lastFailure = error;
    return tokenOf(token.getRetryCount() + 1);
  }

  recordSuccess(): void {
    this.lastFailure = undefined;
  }
}

function tokenOf(retries: number): RetryToken {
  const delay = retries === 0 ? 0 : backoffMilliseconds(retries);
  return { getRetryCount: () => retries, getRetryDelay: () => delay, getRetryCost: () => undefined };
}
