import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleStack } from '../../../tools/docs/example-stack.ts';
import { flowchart, stackPageText } from '../../../tools/docs/stack-diagram.ts';
import { type StackGraph, type StackTemplate, stackGraph } from '../../../tools/docs/stack-graph.ts';

const stack = exampleStack();
const graph = stackGraph(stack);

describe('stackPageText', () => {
  it('writes the page that npm run docs wrote', () => {
    const file = join(import.meta.dirname, '../../../docs/reference/stack.md');
    expect(readFileSync(file, 'utf8')).toBe(stackPageText(stack));
  });

  it('writes the same page each time', () => {
    expect(stackPageText(exampleStack())).toBe(stackPageText(stack));
  });
});

describe('stackGraph', () => {
  it('shows what each resource on the way of the data does with the next', () => {
    const groups = new Map(graph.nodes.map(({ id, group }) => [id, group]));
    const shown = graph.arrows.map(({ from, to, label }) => `${groups.get(from)} ${label} ${groups.get(to)}`);
    expect(shown).toEqual(
      expect.arrayContaining([
        'FlowLogSource flow records DeliveryStream',
        'DeliveryStream invokes Detector',
        'DeliveryStream delivers LakeBucket',
        'LakeBucket sends events FailedRecordsQueue',
        'FailedRecordsQueue sends FailedRecordsQueue',
        'Detector counts CounterTable',
        'Detector puts pages JournalTable',
        'FlushFunction invokes FlushFunction',
        'FlushFunction takes pages JournalTable',
        'FlushFunction counts CounterTable',
        'Detector publishes AlertTopic',
        'AlertTopic sends e-mail AlertTopic',
        'Alarms notifies OperationsTopic',
        'LakeCatalog describes LakeBucket',
        'LakeQueries queries LakeCatalog',
      ]),
    );
  });

  it('shows every resource that is more than wiring', () => {
    const wiring =
      /^AWS::(IAM::|Lambda::Permission|Lambda::EventInvokeConfig|S3::BucketPolicy|SNS::TopicPolicy|Logs::LogStream|Logs::ResourcePolicy|KMS::Alias|SQS::QueuePolicy|CDK::)/;
    const expected = Object.values(stack.template.Resources).filter(({ Type }) => !wiring.test(Type)).length;
    expect(graph.nodes.reduce((sum, { count }) => sum + count, 0)).toBe(expected);
  });

  it('puts each resource into a construct, and labels each arrow', () => {
    expect(graph.nodes.filter(({ group }) => group === '')).toEqual([]);
    expect(graph.arrows.filter(({ label }) => label === '')).toEqual([]);
  });

  it('names no resource that does not exist when a template refers to one', () => {
    const template: StackTemplate = {
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
    const constructs = new Map([
      ['LakeBucket', 'Lake'],
      ['LakeSub', 'Lake'],
    ]);
    const { nodes, arrows } = stackGraph({ template, constructs });
    expect(nodes.map(({ group, name }) => `${group}/${name}`)).toEqual(['Lake/Bucket', 'Lake/Function', '/Key']);
    expect(arrows).toEqual([{ from: 'Lake AWS::Lambda::Function', to: 'Lake AWS::S3::Bucket', label: '' }]);
  });
});

describe('flowchart', () => {
  it('writes each node in the box of its construct, and each arrow with its label', () => {
    const small: StackGraph = {
      nodes: [
        { id: 'a', group: 'Source', name: 'Flow Log', service: 'EC2', count: 1 },
        { id: 'b', group: 'Lake', name: 'Bucket', service: 'S3', count: 2 },
        { id: 'c', group: '', name: 'Key', service: 'KMS', count: 1 },
        { id: 'd', group: 'Source', name: 'Role', service: 'IAM', count: 1 },
      ],
      arrows: [
        { from: 'a', to: 'b', label: 'sends e-mail' },
        { from: 'b', to: 'c', label: '' },
      ],
    };
    expect(flowchart(small)).toBe(`flowchart LR
  subgraph g0["Source"]
    n0["Flow Log<br/>EC2"]
    n3["Role<br/>IAM"]
  end
  subgraph g1["Lake"]
    n1["Bucket × 2<br/>S3"]
  end
  n2["Key<br/>KMS"]
  n0 -->|"sends e-mail"| n1
  n1 --> n2
`);
  });

  it('shows each node and each arrow of the stack once', () => {
    const lines = flowchart(graph).split('\n');
    expect(lines.filter((line) => /^ +n\d+\["/.test(line))).toHaveLength(graph.nodes.length);
    expect(lines.filter((line) => line.includes(' -->'))).toHaveLength(graph.arrows.length);
  });

  it('shows markup as text', () => {
    const hostile = 'A&B <script>"x"\n```\n# end | [y](z) `c`';
    const node = { id: 'a', group: hostile, name: hostile, service: hostile, count: 1 };
    const text = flowchart({ nodes: [node], arrows: [{ from: 'a', to: 'a', label: hostile }] });
    expect(text).toContain('A#38;B #60;script#62;#34;x#34;#10;#96;');
    expect(text).not.toMatch(/<script|```|\[y\]|`c`|# end/);
    expect(text.split('\n')).toHaveLength(6);
  });
});
