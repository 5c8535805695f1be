import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picturedTemplate } from '../../../tools/docs/diagram-template.ts';
import { type StackTemplate, stackGraph } from '../../../tools/docs/stack-graph.ts';
import { constructNames, pictureOf } from '../../../tools/docs/stack-svg.ts';

const template = picturedTemplate();

describe('the picture of the stack', () => {
  it('is what npm run docs writes of the template that is made now', () => {
    const file = join(import.meta.dirname, '../../../docs/reference/stack.svg');
    expect(readFileSync(file, 'utf8')).toBe(pictureOf(template, constructNames()));
  });

  it('shows who sends to whom on the way of the data', () => {
    const { arrows } = stackGraph(template, constructNames());
    const shown = arrows.map(({ from, to, label }) => `${from.split(' ')[0]} ${label} ${to.split(' ')[0]}`);
    expect(shown).toEqual(
      expect.arrayContaining([
        'FlowLogSource flow records DeliveryStream',
        'DeliveryStream invokes Detector',
        'DeliveryStream delivers LakeBucket',
        'Detector counts CounterTable',
        'Detector publishes AlertTopic',
        'AlertTopic mails AlertTopic',
        'Alarms tells OperationsTopic',
        'LakeCatalog describes LakeBucket',
        'LakeQueries asks LakeCatalog',
      ]),
    );
  });

  it('shows every resource that is more than wiring, in its construct', () => {
    const { nodes } = stackGraph(template, constructNames());
    const wiring =
      /^AWS::(IAM::|Lambda::Permission|S3::BucketPolicy|SNS::TopicPolicy|Logs::LogStream|Logs::ResourcePolicy|KMS::Alias|SQS::QueuePolicy|CDK::)/;
    const expected = Object.values(template.Resources).filter(({ Type }) => !wiring.test(Type)).length;
    expect(nodes.reduce((sum, { count }) => sum + count, 0)).toBe(expected);
  });

  it('puts each resource into a construct, and says what each arrow is', () => {
    const { nodes, arrows } = stackGraph(template, constructNames());
    expect(nodes.filter(({ group }) => group === '')).toEqual([]);
    expect(arrows.filter(({ label }) => label === '')).toEqual([]);
  });

  it('names nothing that does not exist, whatever a template refers to', () => {
    const odd: StackTemplate = {
      Resources: {
        LakeBucket: {
          Type: 'AWS::S3::Bucket',
          Properties: { Name: { Ref: 'AWS::AccountId' }, Other: { Ref: 'Gone' } },
        },
        LakeSub: {
          Type: 'AWS::Lambda::Function',
          Properties: { Text: { 'Fn::Sub': ['${LakeBucket.Arn}/${x}', { x: { 'Fn::GetAtt': 'Key.Arn' } }] } },
        },
        Key: { Type: 'AWS::KMS::Key' },
      },
    };
    const { nodes, arrows } = stackGraph(odd, ['Lake']);
    expect(nodes.map(({ group, name }) => `${group}/${name}`)).toEqual(['Lake/Bucket', 'Lake/Function', '/Key']);
    expect(arrows).toEqual([{ from: 'Lake AWS::Lambda::Function', to: 'Lake AWS::S3::Bucket', label: '' }]);
  });

  it('shows what is markup as text', () => {
    const picture = pictureOf({ Resources: { X: { Type: 'AWS::A&B::<script>"x"' } } }, ['X']);
    expect(picture).toContain('&lt;script&gt;&quot;x&quot;');
    expect(picture).toContain('A&amp;B');
    expect(picture).not.toContain('<script');
  });
});
