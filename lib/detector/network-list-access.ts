import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { NamedList } from '../../lambda/rules/model.ts';

/** Lets a role read the objects that named lists come from, and nothing else; nothing where none comes from S3. */
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
