import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { FlowSentinelStack, stackNameOf } from '../../lib/flow-sentinel-stack.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import type { StackTemplate } from './stack-graph.ts';

/** What most operators say: a VPC, and who gets mail. */
const stages = {
  default: {
    alertEmails: ['security@example.com'],
    operationsEmails: ['operations@example.com'],
    vpcIds: ['vpc-0123456789abcdef0'],
    monitoredNetworks: ['10.0.0.0/16'],
  },
};

/** The template that `cdk synth` makes of the usual settings, but for the function's code, which takes time to bundle. */
export function picturedTemplate(): StackTemplate {
  const outdir = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  try {
    const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
    const [stage] = readSettings({}, { path: 'flow-sentinel.json', text: JSON.stringify({ stages }) });
    const { stackName } = new FlowSentinelStack(app, stackNameOf(stage!), { settings: stage!.settings });
    return app.synth().getStackByName(stackName).template as StackTemplate;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
