import { ContextProvider } from 'aws-cdk-lib';
import { ContextProvider as Provider } from 'aws-cdk-lib/cloud-assembly-schema';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';

/** The remedy for an answer that is out of date. */
export const refreshLookups = 'lookups are cached in cdk.context.json: run npx cdk context --clear to repeat them';

const listShape = z.array(z.object({ Identifier: z.string() }));

/**
 * Lists the ids of all resources of a type in the stack's account and region, sorted. The CDK command line asks AWS
 * (Cloud Control API), caches the answers in cdk.context.json, and runs the app again with them.
 *
 * @returns undefined while the lookup is pending
 * @throws FlowError `CONFIG_INVALID` if the answer in cdk.context.json has another shape
 */
export function listResources(scope: Construct, typeName: string): string[] | undefined {
  // A list is only guaranteed to have the ids (Cloud Control API User Guide, "Discovering resources").
  const resources = lookUp(scope, { typeName, propertyMatch: {}, propertiesToReturn: [] }, listShape);
  return resources?.map(({ Identifier }) => Identifier).toSorted();
}

/**
 * Reads one resource; see {@link listResources} for the lookup, the pending state and errors.
 *
 * @param shape `Identifier` and the required properties of the resource, by their CloudFormation names
 */
export function readResource<T extends z.ZodObject>(
  scope: Construct,
  typeName: string,
  exactIdentifier: string,
  shape: T,
): z.infer<T> | undefined {
  const propertiesToReturn = Object.keys(shape.shape).filter((name) => name !== 'Identifier');
  return lookUp(scope, { typeName, exactIdentifier, propertiesToReturn }, z.array(shape).length(1))?.[0];
}

function lookUp<T extends z.ZodType>(
  scope: Construct,
  props: Record<string, unknown>,
  shape: T,
): z.infer<T> | undefined {
  const provider = Provider.CC_API_PROVIDER;
  const { value } = ContextProvider.getValue(scope, { provider, props, dummyValue: undefined });
  if (value === undefined) return undefined;
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  throw new FlowError(
    'CONFIG_INVALID',
    `the lookup of ${JSON.stringify(props)} is invalid: got ${JSON.stringify(value)}; ${refreshLookups}`,
  );
}
