import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { FlowSentinelStack, stackNameOf } from '../../lib/flow-sentinel-stack.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';

const { context: cdkJson } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8'));

export interface SynthesisOptions {
  /** What `-c name=value` says, besides the context in cdk.json. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The stage, of which the settings file says nothing. */
  readonly stage?: string;
  /** The account and region, where something was looked up in them. */
  readonly env?: Required<Environment>;
  /** Where the cloud assembly goes. */
  readonly directory?: string;
  /** Whether to bundle the function; it takes time. */
  readonly bundled?: boolean;
  /** Whether to hold the template against CloudFormation's rules; it takes time. */
  readonly validated?: boolean;
}

/** The template that `cdk synth` makes. */
export function synthesize(options: SynthesisOptions = {}): Template {
  return Template.fromStack(buildStack(options));
}

/** The stack that `cdk synth` makes its template of. */
export function buildStack(synthesis: SynthesisOptions = {}): Stack {
  const { context, stage: name = 'default', bundled = false, env, ...options } = synthesis;
  const app = createApp({ ...options, context: { ...context, 'aws:cdk:bundling-stacks': bundled ? ['**'] : [] } });
  const [stage] = readSettings(app.node.getAllContext(), {
    path: 'flow-sentinel.json',
    text: JSON.stringify({ stages: { [name]: {} } }),
  });
  return new FlowSentinelStack(app, stackNameOf(stage!), { settings: stage!.settings, ...(env && { env }) });
}

/** A stack with only what is put into it. */
export function templateWith(build: (stack: Stack) => void): Template {
  const stack = new Stack(createApp({}), 'Test');
  build(stack);
  return Template.fromStack(stack);
}

/** An app that only its test sees. */
export function createApp({ context, directory = temporaryDirectory(), validated = false }: SynthesisOptions): App {
  return new App({
    outdir: directory,
    context: { ...cdkJson, ...context },
    builtinCloudFormationValidation: validated,
  });
}

/** A directory that goes with the test file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
  directories.push(directory);
  return directory;
}

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

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
