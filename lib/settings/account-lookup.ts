import { ContextProvider } from 'aws-cdk-lib';
import { ContextProvider as Provider } from 'aws-cdk-lib/cloud-assembly-schema';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';

/** What to do when an answer is no longer true. */
export const refreshLookups =
  'what was looked up is kept in cdk.context.json: npx cdk context --clear has it looked up again';

const listShape = z.array(z.object({ Identifier: z.string() }));

/**
 * The ids of all resources of a type in the stack's account and region, sorted. The CDK command line asks AWS (Cloud
 * Control API), keeps the answers in cdk.context.json, and runs the app again with them.
 *
 * @returns undefined while it is still to be asked
 * @throws FlowError `CONFIG_INVALID` when cdk.context.json holds something else
 */
export function listResources(scope: Construct, typeName: string): string[] | undefined {
  // Nothing but the id: a list need not tell more of a resource (Cloud Control API User Guide, "Discovering resources").
  const listed = ask(scope, { typeName, propertyMatch: {}, propertiesToReturn: [] }, listShape);
  return listed?.map(({ Identifier }) => Identifier).toSorted();
}

/**
 * One resource, in the way of {@link listResources}.
 *
 * @param shape `Identifier`, and the resource's properties that are wanted, by CloudFormation's names; it must have them
 */
export function readResource<T extends z.ZodObject>(
  scope: Construct,
  typeName: string,
  exactIdentifier: string,
  shape: T,
): z.infer<T> | undefined {
  const propertiesToReturn = Object.keys(shape.shape).filter((name) => name !== 'Identifier');
  return ask(scope, { typeName, exactIdentifier, propertiesToReturn }, z.array(shape).length(1))?.[0];
}

function ask<T extends z.ZodType>(scope: Construct, props: Record<string, unknown>, shape: T): z.infer<T> | undefined {
  const provider = Provider.CC_API_PROVIDER;
  const { value } = ContextProvider.getValue(scope, { provider, props, dummyValue: undefined });
  if (value === undefined) return undefined;
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  throw new FlowError(
    'CONFIG_INVALID',
    `the answer for ${JSON.stringify(props)} is not what was asked for, got ${JSON.stringify(value)}; ${refreshLookups}`,
  );
}
