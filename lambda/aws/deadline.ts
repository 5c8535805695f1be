/** Time for a failing invocation: to mark published alerts, to write the log, and for Lambda's response to Firehose. */
const reserveMilliseconds = 10_000;

/** Returns when an invocation stops starting work, and when it stops entirely, in milliseconds from now. */
export function deadlinesOf(remainingMilliseconds: number): { readonly deadline: number; readonly closing: number } {
  const reserve = Math.min(reserveMilliseconds, remainingMilliseconds / 2);
  const deadline = Math.max(0, Math.floor(remainingMilliseconds - reserve));
  return { deadline, closing: deadline + Math.floor(reserve / 2) };
}

/**
 * Creates the signals of an invocation: they fire ten and five seconds before Lambda stops it. With less than twenty
 * seconds left, they fire after a half and three quarters of the time.
 */
export function deadlineSignals(remainingMilliseconds: number): { deadline: AbortSignal; closing: AbortSignal } {
  const { deadline, closing } = deadlinesOf(remainingMilliseconds);
  return { deadline: AbortSignal.timeout(deadline), closing: AbortSignal.timeout(closing) };
}
