import type { FlowFiles } from './flow-files.ts';
export async function openFlowFiles(
  _paths: readonly string[],
  _options: { readonly format?: readonly string[] | undefined; readonly signal?: AbortSignal },
): Promise<FlowFiles> {
  throw new Error('not yet');
}
