/** Time to fail in: to write the log, to close, and for Lambda to answer Firehose. */
const reserveMilliseconds = 10_000;

/** A signal that fires in good time before the invocation is stopped: ten seconds, or half of what there is. */
export function deadlineSignal(remainingMilliseconds: number): AbortSignal {
  const reserve = Math.min(reserveMilliseconds, remainingMilliseconds / 2);
  return AbortSignal.timeout(Math.max(0, Math.floor(remainingMilliseconds - reserve)));
}
