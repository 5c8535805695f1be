import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { onTestFinished } from 'vitest';
import { readContext } from '../../lib/context.ts';
import { FlowSentinelStack } from '../../lib/flow-sentinel-stack.ts';

const { context: cdkJson } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8'));

export interface Synthesis {
  readonly template: Template;
  /** The cloud assembly. */
  readonly directory: string;
  remove(): void;
}

/** The stack as `cdk synth -c name=value ...` makes it. */
export function synthesize(context: Readonly<Record<string, unknown>> = {}): Synthesis {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
  const app = new App({ outdir: directory, context: { ...cdkJson, ...context } });
  const stack = new FlowSentinelStack(app, 'FlowSentinel', { settings: readContext(app.node.getAllContext()) });
  return { template: Template.fromStack(stack), directory, remove: () => rmSync(directory, { recursive: true }) };
}

/** The same without the function's bundle, which takes most of the time. */
export function synthesizeUnbundled(context: Readonly<Record<string, unknown>> = {}): Template {
  const { template, remove } = synthesize({ ...context, 'aws:cdk:bundling-stacks': [] });
  remove();
  return template;
}

/** A stack with only what is put into it. */
export function templateWith(build: (stack: Stack) => void): Template {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const stack = new Stack(new App({ outdir: directory, context: cdkJson }), 'Test');
  build(stack);
  return Template.fromStack(stack);
}

/** The logical id of the one resource of a type whose id starts so. */
export function idOf(template: Template, type: string, start = ''): string {
  const ids = Object.keys(template.findResources(type)).filter((id) => id.startsWith(start));
  if (ids.length !== 1) throw new Error(`expected one ${type} ${start}, got ${JSON.stringify(ids)}`);
  return ids[0]!;
}

/** All that a role may do, as its policies say it. */
export function statementsOf(template: Template, role: string): unknown[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter(({ Properties }) => Properties.Roles.some((one: { Ref: string }) => one.Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}
