import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { checkShellAccount } from '../aws/credentials.ts';
import { InputError, readInput } from '../terminal/input-error.ts';

/** The stack that a command works on. */
export interface StackOptions {
  readonly stack: string;
  /** A file that `cdk deploy --outputs-file` wrote: the command reads it instead of asking CloudFormation. */
  readonly outputs?: string;
}

/** The output with the setting `scope`, which a stack without the setting lacks. */
export const scopeOutput = 'CounterScope';

/**
 * Reads the outputs of a stack that a command needs, by their names, in the region and with the credentials of the shell.
 *
 * @param optional further outputs, which a stack of an earlier version may lack
 * @throws InputError if the stack or an output is missing, or the shell has no region or credentials
 */
export async function stackOutputs<Name extends string, Optional extends string = never>(
  { stack, outputs }: StackOptions,
  names: readonly Name[],
  optional: readonly Optional[] = [],
): Promise<Record<Name, string> & Partial<Record<Optional, string>>> {
  // A dynamic import, so that no other command loads the client.
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({});
  const found = outputs === undefined ? await describeStack(stack, client) : readOutputs(outputs, stack);
  const missing = names.filter((name) => typeof found[name] !== 'string');
  if (missing.length > 0) {
    throw new InputError(`the stack ${stack} has no output ${missing.join(', ')}: deploy it again with this version`);
  }
  if (outputs !== undefined) await checkShellAccount(client);
  const read = [...names, ...optional.filter((name) => typeof found[name] === 'string')];
  return Object.fromEntries(read.map((name) => [name, found[name]])) as Record<Name, string> &
    Partial<Record<Optional, string>>;
}

function readOutputs(path: string, stack: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(readInput(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path} is invalid: it is not JSON, ${expectedOutputs}`);
  }
  if (!isObject(file) || !Object.values(file).every(isObject)) {
    throw new InputError(`${path} is invalid: got other JSON, ${expectedOutputs}`);
  }
  const outputs = file[stack];
  if (!isObject(outputs)) {
    throw new InputError(`${path} has no stack ${stack}; there is ${Object.keys(file).join(', ') || 'no stack'}`);
  }
  return outputs;
}

const expectedOutputs = 'expected the file that cdk deploy --outputs-file writes';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function describeStack(stack: string, client: CloudFormationClient): Promise<Record<string, unknown>> {
  await checkShellAccount(client);
  const { CloudFormationServiceException, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  } catch (error) {
    if (!(error instanceof CloudFormationServiceException)) throw error;
    throw new InputError(`the outputs of the stack ${stack} cannot be read: ${error.message}`);
  }
}
