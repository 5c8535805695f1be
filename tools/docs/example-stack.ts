import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { FlowSentinelStack, stackNameOf } from '../../lib/flow-sentinel-stack.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import type { StackTemplate, SynthesizedStack } from './stack-graph.ts';

/** The settings that most operators have: a VPC, and addresses for e-mail. */
const stages = {
  default: {
    alertEmails: ['security@example.com'],
    operationsEmails: ['operations@example.com'],
    vpcIds: ['vpc-0123456789abcdef0'],
    monitoredNetworks: ['10.0.0.0/16'],
  },
};

/** The construct that contains all others: the diagram leaves it out, since it would be a box around everything. */
const outermost = 'FlowSentinel';

/** Synthesizes the stack of these settings without the function's code, which is slow to bundle. */
export function exampleStack(): SynthesizedStack {
  const outdir = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  try {
    const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
    const [stage] = readSettings({}, { path: 'flow-sentinel.json', text: JSON.stringify({ stages }) });
    const stack = new FlowSentinelStack(app, stackNameOf(stage!), { settings: stage!.settings });
    const template = app.synth().getStackByName(stack.stackName).template as StackTemplate;
    return { template, constructs: constructsOf(stack) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Maps the logical id of each resource to the outermost class of lib/ around it. */
function constructsOf(stack: Stack): Map<string, string> {
  const names = new Set(constructNames());
  const nameOf = ({ node }: IConstruct) => {
    const around = node.scopes.filter((scope) => !Stack.isStack(scope)).map((scope) => scope.constructor.name);
    return around.find((name) => names.has(name) && name !== outermost);
  };
  const resources = stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct));
  return new Map(resources.map((resource) => [String(stack.resolve(resource.logicalId)), nameOf(resource) ?? '']));
}

/** Lists the classes that lib/ exports. */
function constructNames(): string[] {
  const lib = join(import.meta.dirname, '../../lib');
  return readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(lib, file), 'utf8').matchAll(/^export class (\w+)/gm)])
    .map(([, name]) => name!);
}
