import { Stack } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface ContextBusProps {
  /** The organization whose accounts may send events, such as `o-a1b2c3d4e5`. */
  readonly organizationId: string;
}

/**
 * The central event bus, to which rules of other accounts of an organization send their events. The rules on it match only
 * events of AWS, which no account can forge: PutEvents refuses a source that begins with `aws.`.
 */
export class ContextBus extends Construct {
  readonly bus: IEventBus;

  constructor(scope: Construct, id: string, { organizationId }: ContextBusProps) {
    super(scope, id);
    const bus = new EventBus(this, 'Bus', {
      // The policy for deployments names resources by the name of the stack.
      eventBusName: `${Stack.of(this).stackName}-Context`,
      description: 'flow-sentinel: findings and network changes of the organization',
    });
    bus.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Organization',
        principals: [new AnyPrincipal()],
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: { StringEquals: { 'aws:PrincipalOrgID': organizationId } },
      }),
    );
    this.bus = bus as IEventBus;
  }
}
