import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Retains a resource and its resource policy when the stack is deleted. */
export function retainWithPolicy({ node }: IConstruct): void {
  for (const part of [node.defaultChild, node.tryFindChild('Policy')?.node.defaultChild]) {
    if (CfnResource.isCfnResource(part)) part.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
