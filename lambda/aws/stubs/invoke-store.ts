/** The data of an invocation that the SDK reads: the trace headers of its requests. */
interface InvocationData {
  getXRayTraceId(): string | undefined;
}

/**
 * Replaces the package with which the SDK reads an invocation's trace id. Lambda's runtime has the store in the global
 * `awslambda`; without it, the SDK uses the environment variable `_X_AMZN_TRACE_ID`.
 */
export const InvokeStore = {
  async getInstanceAsync(): Promise<InvocationData | undefined> {
    return (globalThis as { awslambda?: { InvokeStore?: InvocationData } }).awslambda?.InvokeStore;
  },
};
