import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FlowSentinel } from './flow-sentinel.ts';
import type { Stage } from './settings/read-settings.ts';
import type { Settings } from './settings/settings.ts';

/** Returns the name of a stage's stack: `FlowSentinel` for the default stage, otherwise with the stage's name. */
export function stackNameOf({ name }: Stage): string {
  return name === 'default' ? 'FlowSentinel' : `FlowSentinel-${name}`;
}

export interface FlowSentinelStackProps extends StackProps {
  /** The settings of the stage. */
  readonly settings: Settings;
}

/**
 * The stack of one stage of flow-sentinel.json. In another CDK app, use {@link FlowSentinel} in a stack of that app.
 *
 * @example
 * const [stage] = readSettings(app.node.getAllContext(), readSettingsFile());
 * new FlowSentinelStack(app, stackNameOf(stage), { settings: stage.settings });
 */
export class FlowSentinelStack extends Stack {
  /** The one construct of the stack. */
  readonly sentinel: FlowSentinel;

  constructor(scope: Construct, id: string, { settings, ...props }: FlowSentinelStackProps) {
    super(scope, id, { description: 'flow-sentinel: exact counters and Sigma alerts on VPC Flow Logs', ...props });
    // CDK leaves the id `Default` out of logical ids: these begin with the names of the parts.
    this.sentinel = new FlowSentinel(this, 'Default', settings);
  }
}
