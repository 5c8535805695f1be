/** The time that an optional request may take with its retries. */
const optionalMilliseconds = 10_000;

/**
 * Returns the signal of a request that nothing depends on: it fires with the deadline, or ten seconds from now. A throttled
 * table must not hold an invocation to its deadline for such a request.
 */
export function optionalSignal(deadline: AbortSignal): AbortSignal {
  return AbortSignal.any([deadline, AbortSignal.timeout(optionalMilliseconds)]);
}
