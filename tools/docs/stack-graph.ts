/** A CloudFormation template, as far as the diagram shows it. */
export interface StackTemplate {
  readonly Resources: Readonly<Record<string, StackResource>>;
}

interface StackResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A template, and the construct of lib/ that each of its resources belongs to. */
export interface SynthesizedStack {
  readonly template: StackTemplate;
  /** Class names such as `LakeBucket`, by logical id. */
  readonly constructs: ReadonlyMap<string, string>;
}

/** All resources of one type in one construct. */
export interface StackNode {
  readonly id: string;
  /** The construct, such as `LakeBucket`; empty for a resource outside all constructs. */
  readonly group: string;
  /** `AWS::S3::Bucket` is a `Bucket` of `S3`. */
  readonly name: string;
  readonly service: string;
  readonly count: number;
}

/** One resource that does something with another, such as sending to it. */
export interface StackArrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

export interface StackGraph {
  readonly nodes: readonly StackNode[];
  readonly arrows: readonly StackArrow[];
}

/** Types that grant access to others or connect others: the diagram shows them as arrows, or leaves them out. */
const wiring = [
  'AWS::IAM::',
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Logs::LogStream',
  'AWS::Logs::ResourcePolicy',
  'AWS::KMS::Alias',
  'AWS::CDK::',
  'Custom::',
];

/** Services that have another name in CloudFormation than in AWS's documentation. */
const serviceNames: Readonly<Record<string, string>> = {
  Events: 'EventBridge',
  KinesisFirehose: 'Firehose',
  Logs: 'CloudWatch Logs',
};

/** Properties that name others without sending to them. The grants show what the function does with its environment. */
const silent = ['Role', 'RoleARN', 'RoleArn', 'DeliverLogsPermissionArn', 'Environment', 'LoggingConfig', 'Tags'];
const silentOf: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['Dimensions', 'Metrics'],
  'AWS::CloudWatch::CompositeAlarm': ['AlarmRule'],
  'AWS::CloudWatch::Dashboard': ['DashboardBody'],
};

/** References to the resource that sends, by the type and the property that refers. */
const reversed = ['AWS::SNS::Subscription TopicArn', 'AWS::Events::Rule EventPattern'];

/** Labels of references, by the type and the property that refers, perhaps with the type that the property refers to. */
const referenceLabels: Readonly<Record<string, string>> = {
  'AWS::EC2::FlowLog LogDestination': 'flow records',
  'AWS::Logs::SubscriptionFilter DestinationArn': 'flow records',
  'AWS::SNS::Subscription TopicArn': 'sends e-mail',
  'AWS::Events::Rule EventPattern': 'sends events',
  'AWS::Events::Rule Targets': 'sends',
  'AWS::Events::Rule Targets AWS::Lambda::Function': 'invokes',
  'AWS::CloudWatch::Alarm AlarmActions': 'notifies',
  'AWS::Athena::NamedQuery Database': 'queries',
  'AWS::Athena::NamedQuery WorkGroup': 'runs in',
  'AWS::Athena::WorkGroup WorkGroupConfiguration': 'stores results',
  'AWS::Glue::Table DatabaseName': 'is in',
  'AWS::Glue::Table TableInput': 'describes',
};

/** Labels of grants: the first entry that one of the grant's actions begins with. */
const grantLabels: readonly (readonly [start: string, label: string])[] = [
  ['lambda:Invoke', 'invokes'],
  ['dynamodb:Query', 'takes pages'],
  ['dynamodb:PutItem', 'puts pages'],
  ['dynamodb:UpdateItem', 'counts'],
  ['sns:Publish', 'publishes'],
  ['firehose:Put', 'sends'],
  ['s3:PutObject', 'delivers'],
  ['s3:GetObject', 'reads'],
  ['glue:Get', 'reads'],
  ['sqs:SendMessage', 'sends'],
  ['logs:Put', 'logs'],
];

/**
 * Reads the resources of a template, and the arrows between them: from references, and from the actions that the policies
 * of a resource's role allow. Leaves out the arrows to a key, which encrypts nearly all resources.
 */
export function stackGraph({ template, constructs }: SynthesizedStack): StackGraph {
  const { Resources: resources } = template;
  const groupOf = (id: string) => constructs.get(id) ?? '';
  const nodeOf = (id: string) => `${groupOf(id)} ${resources[id]!.Type}`;
  const isDrawn = (id: string) => id in resources && !wiring.some((start) => resources[id]!.Type.startsWith(start));
  const drawn = Object.keys(resources).filter(isDrawn);
  const nodes = [...Map.groupBy(drawn, nodeOf)].map(([id, ids]): StackNode => {
    const [, service = '', name = ''] = resources[ids[0]!]!.Type.split('::');
    return {
      id,
      group: groupOf(ids[0]!),
      name: spaced(name),
      service: serviceNames[service] ?? service,
      count: ids.length,
    };
  });
  const arrows = new Map<string, StackArrow>();
  const add = (from: string, to: string, label: string) => {
    if (from === to || !isDrawn(from) || !isDrawn(to)) return;
    if ([from, to].some((id) => resources[id]!.Type === 'AWS::KMS::Key')) return;
    const [fromNode, toNode] = [nodeOf(from), nodeOf(to)];
    if (fromNode === toNode) return;
    const key = `${fromNode} > ${toNode}`;
    if (arrows.get(key)?.label) return;
    arrows.set(key, { from: fromNode, to: toNode, label });
  };
  for (const id of drawn) {
    const { Type, Properties = {} } = resources[id]!;
    const roles = new Set(roleReferences(Properties).filter((role) => resources[role]?.Type === 'AWS::IAM::Role'));
    for (const { actions, targets } of grantsOf(resources, roles)) {
      const label = grantLabels.find(([start]) => actions.some((action) => action.startsWith(start)))?.[1];
      for (const target of targets) add(id, target, label ?? '');
    }
    for (const [property, value] of Object.entries(Properties)) {
      if (silentOf[Type]?.includes(property)) continue;
      for (const target of references(value)) {
        const reference = `${Type} ${property}`;
        const label = referenceLabels[`${reference} ${resources[target]?.Type}`] ?? referenceLabels[reference] ?? '';
        if (reversed.includes(reference)) add(target, id, label);
        else add(id, target, label);
      }
    }
  }
  return { nodes, arrows: [...arrows.values()] };
}

interface Grant {
  readonly actions: readonly string[];
  readonly targets: readonly string[];
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
}

function grantsOf(resources: StackTemplate['Resources'], roles: ReadonlySet<string>): Grant[] {
  const statements = Object.entries(resources).flatMap(([id, { Type, Properties = {} }]): Statement[] => {
    if (Type === 'AWS::IAM::Role' && roles.has(id)) {
      const policies = (Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
      return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    }
    if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') return [];
    if (!references(Properties.Roles).some((role) => roles.has(role))) return [];
    return (Properties.PolicyDocument as { Statement: Statement[] }).Statement;
  });
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action = [], Resource }) => ({ actions: [Action].flat(), targets: references(Resource) }));
}

/** Returns the roles that a resource names in any of its properties. */
function roleReferences(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return references(value, true);
}

/** Returns the logical ids that a value refers to; leaves out those under silent properties unless `isDeep`. */
function references(value: unknown, isDeep = false): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => references(one, isDeep));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, content]) => {
    if (name === 'Ref' && typeof content === 'string') return [content];
    if (name === 'Fn::GetAtt') return [Array.isArray(content) ? String(content[0]) : String(content).split('.')[0]!];
    if (name === 'Fn::Sub') return substituted(content);
    if (!isDeep && silent.includes(name)) return [];
    return references(content, isDeep);
  });
}

function substituted(content: unknown): string[] {
  const [text, values] = Array.isArray(content) ? content : [content, {}];
  const names = [...String(text).matchAll(/\$\{(\w+)[^}]*\}/g)].map(([, name]) => name!);
  return [...names, ...references(values)];
}

/** Writes `DeliveryStream` as `Delivery Stream`. */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2');
}
