import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { NamedList, S3Object } from '../../lambda/rules/model.ts';

/** Returns the objects in S3 that the functions read: those of the named lists, and the geo table. */
export function objectsRead(lists: readonly NamedList[], geoTable: S3Object | undefined): S3Object[] {
  return [...lists.flatMap(({ s3 }) => s3 ?? []), ...(geoTable ? [geoTable] : [])];
}

/** Grants a role to read exactly some S3 objects. Adds no statement without objects. */
export function grantReadObjects(role: IRole, objects: readonly S3Object[]): void {
  if (objects.length === 0) return;
  const resources = objects.map(({ bucket, key }) =>
    Stack.of(role).formatArn({ service: 's3', region: '', account: '', resource: bucket, resourceName: key }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources }));
}
