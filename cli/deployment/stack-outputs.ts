import type { SNSClient } from '@aws-sdk/client-sns';
import { checkShellAccount } from '../aws/credentials.ts';
import { InputError, readInput } from '../terminal/input-error.ts';
import { signedRequest } from './signed-request.ts';

/** Which stack a command is about. */
export interface StackOptions {
  readonly stack: string;
  /** A file that `cdk deploy --outputs-file` wrote, to be asked instead of CloudFormation. */
  readonly outputs?: string;
}

/**
 * The outputs of a stack that a command needs, by their names.
 *
 * @throws InputError when there is no such stack, an output is missing, or the shell has no region or credentials
 */
export async function stackOutputs<Name extends string>(
  { stack, outputs }: StackOptions,
  names: readonly Name[],
  client: () => SNSClient,
): Promise<Record<Name, string>> {
  const found = outputs === undefined ? await describe(stack, client()) : readOutputs(outputs, stack);
  const missing = names.filter((name) => typeof found[name] !== 'string');
  if (missing.length > 0) {
    throw new InputError(`the stack ${stack} has no output ${missing.join(', ')}; deploy it anew with this version`);
  }
  if (outputs !== undefined) await checkShellAccount(client());
  return found as Record<Name, string>;
}

function readOutputs(path: string, stack: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(readInput(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path} is no JSON: expected what cdk deploy --outputs-file writes`);
  }
  const outputs = (file as Record<string, unknown> | null)?.[stack];
  if (typeof outputs !== 'object' || outputs === null) {
    const stacks = Object.keys(file ?? {}).join(', ') || 'none';
    throw new InputError(`${path} has no stack ${stack}; there is ${stacks}`);
  }
  return outputs as Record<string, unknown>;
}

/** CloudFormation's Query API answers in XML (CloudFormation API Reference, "DescribeStacks"). */
async function describe(stack: string, client: SNSClient): Promise<Record<string, unknown>> {
  await checkShellAccount(client);
  const query = { Action: 'DescribeStacks', StackName: stack, Version: '2010-05-15' };
  const { status, body } = await signedRequest(client, { service: 'cloudformation', method: 'GET', path: '/', query });
  if (status !== 200) {
    const message = element(body, 'Message') ?? `CloudFormation answered ${status}`;
    throw new InputError(`the outputs of the stack ${stack} cannot be read: ${message}`);
  }
  const members = [
    ...body.matchAll(/<member>((?:(?!<\/?member>)[\s\S])*<OutputKey>(?:(?!<\/?member>)[\s\S])*)<\/member>/g),
  ];
  return Object.fromEntries(members.map(([, one]) => [element(one!, 'OutputKey'), element(one!, 'OutputValue')]));
}

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' } as const;
