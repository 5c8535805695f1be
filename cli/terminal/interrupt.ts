/**
 * Runs a command and aborts its signal on the first SIGINT or SIGTERM, so that the command can clean up. A second signal
 * ends the process with 130; only what `removeAtExit` registered is removed then.
 */
export async function untilInterrupted<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error('it was interrupted'));
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
