import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { CloudFormationTemplate } from './cloudformation-schema.ts';
import { deploymentNeeds } from './deployment-needs.ts';
import { policyStatements } from './policy-statements.ts';
import { shapes } from './shapes.ts';
import { buildStack } from './synthesis.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/deploy/deployment-policy.json'), 'utf8');
const policy: { Statement: { Action: string | string[]; Resource: string | string[] }[] } = JSON.parse(text);

const templates = Object.entries(shapes).map(([shape, context]): [string, CloudFormationTemplate] => {
  const stack = buildStack({ context, stage: 'prod' });
  return [shape, Template.fromStack(stack).toJSON() as CloudFormationTemplate];
});

/** Returns whether a pattern of IAM, with `*` for any text, matches. Names of resources are case-sensitive. */
function matches(pattern: string, value: string, flags = ''): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, flags).test(value);
}

function allows(action: string, resource: string): boolean {
  return policy.Statement.some(
    ({ Action, Resource }) =>
      [Action].flat().some((one) => matches(one, action, 'i')) &&
      [Resource].flat().some((one) => (resource === '*' ? one === '*' : matches(one, resource))),
  );
}

describe('docs/deploy/deployment-policy.json', () => {
  it.each(templates)('covers every resource of the stack: %s', (_, { Resources }) => {
    const missing = Object.entries(Resources).flatMap(([id, resource]) => {
      const needs = deploymentNeeds('FlowSentinel-prod', id, resource);
      if (!needs) return [`${resource.Type} has no entry in test/lib/deployment-needs.ts`];
      return needs.flatMap(({ actions, resources }) =>
        actions.flatMap((action) =>
          resources.filter((one) => !allows(action, one)).map((one) => `${resource.Type}: ${action} on ${one}`),
        ),
      );
    });
    expect([...new Set(missing)]).toEqual([]);
  });

  it('fits into a managed policy, which has at most 6,144 characters without white space', () => {
    expect(JSON.stringify(policy).replace(/\s/g, '').length).toBeLessThanOrEqual(6144);
  });

  it('reads no data of the stack: neither objects of the bucket, nor keys of other services', () => {
    expect(allows('s3:GetObject', 'arn:aws:s3:::flowsentinel-prod-lakebucket-1a2b/flows/one')).toBe(false);
    expect(allows('s3:DeleteObject', 'arn:aws:s3:::flowsentinel-prod-lakebucket-1a2b/flows/one')).toBe(false);
  });

  it('changes no resource with another name, except flow logs, subscription filters and keys', () => {
    const others = [
      'dynamodb:DeleteTable table/Other',
      'lambda:DeleteFunction function:Other',
      'sns:DeleteTopic Other',
    ];
    const allowed = others.filter((one) => {
      const [action, resource] = one.split(' ') as [string, string];
      return allows(action, `arn:aws:${action.split(':')[0]}:eu-central-1:111122223333:${resource}`);
    });
    expect(allowed).toEqual([]);
    expect(allows('iam:PutRolePolicy', 'arn:aws:iam::111122223333:role/Admin')).toBe(false);
  });

  it('has no action for a service that no shape uses', () => {
    const used = new Set(
      templates.flatMap(([, { Resources }]) =>
        Object.entries(Resources).flatMap(([id, resource]) =>
          (deploymentNeeds('FlowSentinel-prod', id, resource) ?? []).flatMap(({ actions }) =>
            actions.map((action) => action.split(':')[0]),
          ),
        ),
      ),
    );
    const services = policyStatements({ Resources: { Policy: { Type: 'Policy', Properties: policy } } } as never)
      .flatMap(({ actions }) => actions)
      .map((action) => action.split(':')[0]!);
    // CloudFormation reads the version of the bootstrap stack, which is a parameter of each template.
    expect([...new Set(services)].filter((service) => !used.has(service))).toEqual(['ssm']);
  });
});
