/** A finding of a security rule that is accepted, with its place and the reason. */
export interface AcceptedFinding {
  /** The rule: cdk-nag's with the finding if it has several, or cfn-guard's by its Control Tower name. */
  readonly rule: RegExp;
  /** The path of the construct within the stack, or the logical id for cfn-guard. */
  readonly where: RegExp;
  readonly reason: string;
}

const withoutConsumer =
  'A dead-letter queue is for messages that a consumer cannot process; redrive leaves these in place.';

const withoutRecovery =
  'Pages are counted within minutes, and the lake has every record; a restored journal would be counted already.';

const withoutNames = 'Names are looked up again.';

const withoutEvents = 'Context is that of some days, and GuardDuty and CloudTrail have it too.';

/** docs/operate/security.md has the same list for operators. */
export const acceptedByNag: readonly AcceptedFinding[] = [
  {
    rule: /^AwsSolutions-S1$/,
    where: /^Default\/LakeBucket\/Bucket\/Resource$/,
    reason: 'Access logs need a second bucket and grow with each query; CloudTrail data events record every read.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<LakeBucket\w+\.Arn>\/(?:flows|errors)\/\*\]$/,
    where: /^Default\/DeliveryStream\/Role\/DefaultPolicy\/Resource$/,
    reason: 'Firehose names the objects that it writes, so the permission is by prefix.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    where: /^Default\/(?:Detector|FlushFunction)\/Role\/DefaultPolicy\/Resource$/,
    reason: 'X-Ray has no resource names, since traces belong to the account. Only with tracing.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    where: /^Default\/NamesFunction\/Role\/DefaultPolicy\/Resource$/,
    reason: 'The calls of EC2 that describe interfaces and instances have no resource names. Only with names.',
  },
  {
    rule: /^AwsSolutions-DDB3$/,
    where: /^Default\/JournalTable\/Table\/Resource$/,
    reason: withoutRecovery,
  },
  {
    rule: /^AwsSolutions-DDB3$/,
    where: /^Default\/NameTable\/Table\/Resource$/,
    reason: withoutNames,
  },
  {
    rule: /^AwsSolutions-DDB3$/,
    where: /^Default\/ContextTable\/Table\/Resource$/,
    reason: withoutEvents,
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    where: /^Default\/ContextEvents\/Function\/Role\/DefaultPolicy\/Resource$/,
    reason:
      'The calls of EC2 that describe interfaces, ACLs and route tables have no resource names. Only with context.',
  },
  {
    rule: /^AwsSolutions-SQS3$/,
    where: /^Default\/FailedRecordsQueue\/Queue\/Resource$/,
    reason: withoutConsumer,
  },
];

const inDefaultKeys = 'Encrypted with keys of AWS by default; with encryption "own", with a customer-managed key.';

export const acceptedByGuard: readonly AcceptedFinding[] = [
  {
    rule: /^CT\.CLOUDWATCH\.PR\.2$/,
    where: /Log/,
    reason: 'These are program logs, not audit logs: a month is enough to analyse a failure.',
  },
  { rule: /^CT\.CLOUDWATCH\.PR\.3$/, where: /Log/, reason: inDefaultKeys },
  { rule: /^CT\.ATHENA\.PR\.2$/, where: /^LakeQueriesWorkGroup/, reason: inDefaultKeys },
  { rule: /^CT\.DYNAMODB\.PR\.1$/, where: /^JournalTable/, reason: withoutRecovery },
  { rule: /^CT\.DYNAMODB\.PR\.1$/, where: /^NameTable/, reason: withoutNames },
  { rule: /^CT\.DYNAMODB\.PR\.1$/, where: /^ContextTable/, reason: withoutEvents },
  { rule: /^CT\.DYNAMODB\.PR\.2$/, where: /^(?:Context|Counter|Journal|Name)Table/, reason: inDefaultKeys },
  { rule: /^CT\.S3\.PR\.10$/, where: /^LakeBucket/, reason: inDefaultKeys },
  {
    rule: /^CT\.LAMBDA\.PR\.3$/,
    where: /^(?:ContextEventsFunction|Detector|FlushFunction|NamesFunction)/,
    reason: 'The function calls only AWS. In a VPC it would need endpoints, and fail with the monitored network.',
  },
  {
    rule: /^CT\.S3\.PR\.2$/,
    where: /^LakeBucket/,
    reason: 'As for AwsSolutions-S1.',
  },
  {
    rule: /^CT\.S3\.PR\.(?:3|11)$/,
    where: /^LakeBucket/,
    reason:
      'Objects are written once under new names, and no role of the stack may delete one: there are no old versions.',
  },
  { rule: /^CT\.SQS\.PR\.1$/, where: /^FailedRecordsQueue/, reason: withoutConsumer },
  { rule: /^CT\.SQS\.PR\.1$/, where: /^ContextEventsQueueDeadLetters/, reason: 'It is the dead-letter queue itself.' },
  {
    rule: /^CT\.S3\.PR\.9$/,
    where: /^LakeBucket/,
    reason:
      'A lock would retain personal data longer than the settings say. Copy the lake to a vault if you need a lock.',
  },
];
