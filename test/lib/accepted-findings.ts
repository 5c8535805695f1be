/** What a rule asks for that is not done, where, and why not. */
export interface AcceptedFinding {
  /** A rule of cdk-nag, with the finding where it has several, or of cfn-guard by its Control Tower name. */
  readonly rule: RegExp;
  /** The construct's path within the stack, or for cfn-guard the logical id. */
  readonly where: RegExp;
  readonly reason: string;
}

/** docs/operate/security.md tells the same to operators. */
export const acceptedByNag: readonly AcceptedFinding[] = [
  {
    rule: /^AwsSolutions-S1$/,
    where: /^Default\/LakeBucket\/Bucket\/Resource$/,
    reason: 'Access logs need a second bucket and grow with each query; CloudTrail data events tell who read what.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<LakeBucket\w+\.Arn>\/(?:flows|errors)\/\*\]$/,
    where: /^Default\/DeliveryStream\/Role\/DefaultPolicy\/Resource$/,
    reason: 'Firehose names the objects that it writes, so their permission is by prefix.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    where: /^Default\/Detector\/Role\/DefaultPolicy\/Resource$/,
    reason: 'Traces belong to the account, and X-Ray knows no names for them; only where tracing is chosen.',
  },
];

const inDefaultKeys = 'Encrypted with keys of AWS by default; encryption "own" encrypts it with an own key.';

export const acceptedByGuard: readonly AcceptedFinding[] = [
  {
    rule: /^CT\.CLOUDWATCH\.PR\.2$/,
    where: /Log/,
    reason: 'These are logs of the program, not of audit: a month is enough to find out why something failed.',
  },
  { rule: /^CT\.CLOUDWATCH\.PR\.3$/, where: /Log/, reason: inDefaultKeys },
  { rule: /^CT\.ATHENA\.PR\.2$/, where: /^LakeQueriesWorkGroup/, reason: inDefaultKeys },
  { rule: /^CT\.DYNAMODB\.PR\.2$/, where: /^CounterTable/, reason: inDefaultKeys },
  { rule: /^CT\.S3\.PR\.10$/, where: /^LakeBucket/, reason: inDefaultKeys },
  {
    rule: /^CT\.LAMBDA\.PR\.3$/,
    where: /^Detector/,
    reason: 'It calls AWS alone. In a VPC it would need endpoints, and fail with the network that it watches.',
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
      'Objects are written once under new names, and nothing of the stack may delete one: there is no old version.',
  },
  { rule: /^CT\.S3\.PR\.4$/, where: /^LakeBucket/, reason: 'Nothing waits for new objects.' },
  {
    rule: /^CT\.S3\.PR\.9$/,
    where: /^LakeBucket/,
    reason: 'A lock would keep personal data longer than the operator says; who needs one copies the lake to a vault.',
  },
];
