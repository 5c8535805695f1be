import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { NamedList } from '../../lambda/rules/model.ts';

/** Grants a role to read exactly the S3 objects of the named lists. Adds no statement if no list comes from S3. */
export function grantReadNetworkLists(role: IRole, lists: readonly NamedList[]): void {
  const resources = lists.flatMap(({ s3 }) =>
    s3
      ? Stack.of(role).formatArn({
          service: 's3',
          region: '',
          account: '',
          resource: s3.bucket,
          resourceName: s3.key,
        })
      : [],
  );
  if (resources.length === 0) return;
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources }));
}
