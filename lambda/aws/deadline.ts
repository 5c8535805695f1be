/** Time to fail in: to mark what was published, to write the log, and for Lambda to answer Firehose. */
const reserveMilliseconds = 10_000;

/** When an invocation begins nothing more, and when it is over, in milliseconds from now. */
export function deadlinesOf(remainingMilliseconds: number): { readonly deadline: number; readonly closing: number } {
  const reserve = Math.min(reserveMilliseconds, remainingMilliseconds / 2);
  const deadline = Math.max(0, Math.floor(remainingMilliseconds - reserve));
  return { deadline, closing: deadline + Math.floor(reserve / 2) };
}

/** The signals of an invocation: they fire ten and five seconds before it is stopped, or after half of a short time. */
export function deadlineSignals(remainingMilliseconds: number): { deadline: AbortSignal; closing: AbortSignal } {
  const { deadline, closing } = deadlinesOf(remainingMilliseconds);
  return { deadline: AbortSignal.timeout(deadline), closing: AbortSignal.timeout(closing) };
}
