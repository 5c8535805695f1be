import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Keeps a resource when the stack goes, and with it the policy that says who may reach it and how. */
export function retainWithPolicy({ node }: IConstruct): void {
  for (const part of [node.defaultChild, node.tryFindChild('Policy')?.node.defaultChild]) {
    if (CfnResource.isCfnResource(part)) part.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
