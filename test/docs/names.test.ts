import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AwsCli, kebabCase } from '../support/printed/aws-cli.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/analyse/names.md'), 'utf8');

it('shows a policy that allows exactly the operations of the AWS CLI that the page names', () => {
  const [, policy] = /^```json\n([\s\S]*?)^```$/m.exec(page)!;
  const { Statement } = JSON.parse(policy!) as { Statement: { Action: string[]; Resource: string }[] };
  const named = [...page.matchAll(/^aws ec2 ([a-z-]+)/gm)].map(([, operation]) => operation);
  expect(Statement.map(({ Resource }) => Resource)).toEqual(['*']);
  expect(Statement[0]!.Action.map((action) => kebabCase(action.replace('ec2:', '')))).toEqual(named);
  const { operations } = new AwsCli().modelOf('ec2')!;
  expect(Statement[0]!.Action.filter((action) => !(action.replace('ec2:', '') in operations))).toEqual([]);
});
