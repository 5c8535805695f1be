import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FlowSentinelStack, stackNameOf } from '../../lib/flow-sentinel-stack.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { context: cdkJson } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8'));

export interface SynthesisOptions {
  /** Context as from `-c name=value`, in addition to cdk.json. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The stage; its settings are defaults. */
  readonly stage?: string;
  /** The account and region for lookups. */
  readonly env?: Required<Environment>;
  /** The directory of the cloud assembly. */
  readonly directory?: string;
  /** Whether to bundle the function, which is slow. */
  readonly bundled?: boolean;
  /** Whether to validate the template by CloudFormation's rules, which is slow. */
  readonly validated?: boolean;
}

/** Returns the template of `cdk synth`. */
export function synthesize(options: SynthesisOptions = {}): Template {
  return Template.fromStack(buildStack(options));
}

/** Returns the stack of `cdk synth`. */
export function buildStack(synthesis: SynthesisOptions = {}): Stack {
  const { context, stage: name = 'default', bundled = false, env, ...options } = synthesis;
  const app = createApp({ ...options, context: { ...context, 'aws:cdk:bundling-stacks': bundled ? ['**'] : [] } });
  const [stage] = readSettings(app.node.getAllContext(), {
    path: 'flow-sentinel.json',
    text: JSON.stringify({ stages: { [name]: {} } }),
  });
  return new FlowSentinelStack(app, stackNameOf(stage!), { settings: stage!.settings, ...(env && { env }) });
}

/** Returns the template of a stack with the given constructs. */
export function templateWith(build: (stack: Stack) => void): Template {
  const stack = new Stack(createApp({}), 'Test');
  build(stack);
  return Template.fromStack(stack);
}

/** Creates an app for one test. */
export function createApp({ context, directory = temporaryDirectory(), validated = false }: SynthesisOptions): App {
  return new App({
    outdir: directory,
    context: { ...cdkJson, ...context },
    builtinCloudFormationValidation: validated,
  });
}

/** Creates a directory that is removed after the run. */
export function temporaryDirectory(): string {
  return temporaryFolder();
}

/** Returns the logical id of the only resource of a type whose id starts with the text. */
export function idOf(template: Template, type: string, start = ''): string {
  const ids = Object.keys(template.findResources(type)).filter((id) => id.startsWith(start));
  if (ids.length !== 1) throw new Error(`expected one ${type} ${start}, got ${JSON.stringify(ids)}`);
  return ids[0]!;
}

/** Returns the statements of all policies of a role. */
export function statementsOf(template: Template, role: string): unknown[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter(({ Properties }) => Properties.Roles.some((one: { Ref: string }) => one.Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}
