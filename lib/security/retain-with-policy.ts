import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The removal policy of stored data: the resource stays when the stack is deleted or the resource is replaced. If its
 * creation is rolled back, it is deleted (CloudFormation Template Reference, "DeletionPolicy attribute").
 */
export const retainedOnceCreated = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Retains a resource and its resource policy once the stack is created. */
export function retainWithPolicy({ node }: IConstruct): void {
  for (const part of [node.defaultChild, node.tryFindChild('Policy')?.node.defaultChild]) {
    if (CfnResource.isCfnResource(part)) part.applyRemovalPolicy(retainedOnceCreated);
  }
}
