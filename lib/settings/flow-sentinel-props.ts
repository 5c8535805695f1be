import type { Scope } from '../../lambda/flow-log/scope.ts';
import type { TagFields } from '../../lambda/flow-log/tag-fields.ts';
import type { LakePartition } from '../../lambda/respond/lake-partition.ts';

/** The properties of the construct: the settings of one stage (docs/reference/settings.md), each of them optional. */
export interface FlowSentinelProps {
  /**
   * E-mail addresses that receive alerts. SNS asks each of them for confirmation.
   *
   * @default none: subscribe to `alertTopic`
   */
  readonly alertEmails?: readonly string[] | undefined;
  /**
   * E-mail addresses that receive the alarms of flow-sentinel itself.
   *
   * @default none: subscribe to `operationsTopic`
   */
  readonly operationsEmails?: readonly string[] | undefined;
  /**
   * VPCs that get a flow log. An id may be a token, such as `vpc.vpcId`.
   *
   * @default none
   */
  readonly vpcIds?: readonly string[] | undefined;
  /**
   * Subnets that get a flow log. Name no subnet of a VPC with a flow log: its flows would be counted twice.
   *
   * @default none
   */
  readonly subnetIds?: readonly string[] | undefined;
  /**
   * Network interfaces that get a flow log. Name no interface of a VPC or subnet with a flow log.
   *
   * @default none
   */
  readonly networkInterfaceIds?: readonly string[] | undefined;
  /**
   * Transit gateways that get a flow log.
   *
   * @default none
   */
  readonly transitGatewayIds?: readonly string[] | undefined;
  /**
   * VPCs with all of these tags get a flow log. The stack needs an explicit `env`, since synth looks the VPCs up.
   *
   * @default none
   */
  readonly vpcTags?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether every VPC of the account and region gets a flow log. The stack needs an explicit `env`.
   *
   * @default false
   */
  readonly allVpcs?: boolean | undefined;
  /**
   * CloudWatch Logs log groups with flow logs; a subscription filter sends their records to the stream.
   *
   * @default none
   */
  readonly logGroups?: readonly { name: string; format?: string | undefined }[] | undefined;
  /**
   * Other accounts whose flow logs may send to the stream.
   *
   * @default none
   */
  readonly senderAccountIds?: readonly string[] | undefined;
  /**
   * CIDR blocks of the logged networks, no tokens: the function's bundle contains them. A flow between two of them is
   * counted once. Accepted flows of hosts without flow logs in them are not counted. Required with `vpcIds`, `subnetIds`
   * or `networkInterfaceIds`.
   *
   * @default the CIDR blocks of the VPCs if VPCs are looked up, otherwise those in rules/networks.yml
   */
  readonly monitoredNetworks?: readonly string[] | undefined;
  /**
   * Keeps networks with the same addresses apart: counts and alerts for each account, or for each account and VPC.
   * Counters begin again after a change.
   *
   * @default all flows of an address count together
   */
  readonly scope?: Scope | undefined;
  /**
   * Formats of existing flow logs that send to the stream, in AWS's notation or as field names.
   *
   * @default AWS's default format
   */
  readonly logFormats?: readonly string[] | undefined;
  /**
   * Object in S3 with a table of `geo build`, such as `s3://my-bucket/geo.bin`, in the region of the stack.
   *
   * @default none: countries are unknown, and the rules that need them are off
   */
  readonly geoTable?: string | undefined;
  /**
   * Keys of tags whose values are in the flow logs of `vpcIds`, `subnetIds` and `networkInterfaceIds`, at most two of each
   * resource. A change replaces these flow logs.
   *
   * @default none
   */
  readonly tagFields?: TagFields | undefined;
  /**
   * Seconds for which Firehose collects records before it invokes the function. With 300, small volumes need about 60 % of
   * the writes, and alerts come up to four minutes later.
   *
   * @default 60
   */
  readonly bufferIntervalSeconds?: 60 | 300 | undefined;
  /**
   * Format of the decoded records in the bucket.
   *
   * @default 'parquet'
   */
  readonly lakeFormat?: 'parquet' | 'json' | undefined;
  /**
   * Partition key of the decoded records, in addition to the date. A change replaces the stream.
   *
   * @default 'date', no other key
   */
  readonly lakePartition?: LakePartition | undefined;
  /**
   * Days after which decoded records move to Glacier Instant Retrieval; 0: never.
   *
   * @default 90
   */
  readonly lakeColdAfterDays?: number | undefined;
  /**
   * Days after which decoded records are deleted; 0: never.
   *
   * @default 400
   */
  readonly lakeExpireAfterDays?: number | undefined;
  /**
   * `aws`: keys that AWS owns or manages; `own`: one customer-managed KMS key for all stored data.
   *
   * @default 'aws'
   */
  readonly encryption?: 'aws' | 'own' | undefined;
  /**
   * Days for which a counter is retained after its last flow.
   *
   * @default 30
   */
  readonly retentionDays?: number | undefined;
  /**
   * `direct`: each batch is counted as it arrives; `journal`: batches are stored in a journal and counted together, with a
   * fraction of the writes.
   *
   * @default 'direct'
   */
  readonly counting?: 'direct' | 'journal' | undefined;
  /**
   * Minutes from one count of the journal to the next, 1 to 15. Alerts come later by at most that time and a minute.
   *
   * @default 5
   */
  readonly countEvery?: number | undefined;
  /**
   * Parts of the journal, which are counted independently; 128 above a thousand million records a day.
   *
   * @default 16
   */
  readonly countLanes?: 16 | 128 | undefined;
  /**
   * Provisioned write units a second of the table, with autoscaling from min to max.
   *
   * @default on-demand capacity
   */
  readonly provisionedWrites?: { readonly min: number; readonly max: number } | undefined;
  /**
   * Write units a second that the on-demand table accepts immediately. Cannot be lowered later.
   *
   * @default 4000, as any new table
   */
  readonly warmWrites?: number | undefined;
  /**
   * Maximum write units a second of the on-demand table; DynamoDB throttles above it.
   *
   * @default the quota of the account
   */
  readonly maxWrites?: number | undefined;
  /**
   * US dollars a month of an AWS Budget over the complete account, which notifies `operationsTopic`.
   *
   * @default no budget
   */
  readonly monthlyBudgetUsd?: number | undefined;
  /**
   * Maximum number of messages to the alert topic per batch.
   *
   * @default 20
   */
  readonly messagesPerBatch?: number | undefined;
  /**
   * Maximum number of messages to the alert topic per minute, at least 5. Each level has a fifth that no lower level can
   * take.
   *
   * @default 60
   */
  readonly messagesPerMinute?: number | undefined;
  /**
   * Maximum number of pairs of refused outside sources that are counted exactly, for each minute of arrival.
   *
   * @default 20000
   */
  readonly refusedPairsPerMinute?: number | undefined;
  /**
   * Whether a function looks up who has the inside addresses of alerts, in the account and region of the stack.
   *
   * @default false
   */
  readonly names?: boolean | undefined;
  /**
   * Whether GuardDuty findings and changes of the network are stored, and told with the alerts of the hosts that they concern.
   *
   * @default false
   */
  readonly context?: boolean | undefined;
  /**
   * Days for which findings, changes and sent alerts are stored with `context`, 1 to 90.
   *
   * @default 14
   */
  readonly contextDays?: number | undefined;
  /**
   * Least level of the GuardDuty findings that are answered with the counts of their addresses: `medium`, `high` or `off`. Needs
   * `context`.
   *
   * @default 'off'
   */
  readonly guardDutyAnswers?: 'off' | 'medium' | 'high' | undefined;
  /**
   * AWS organization whose accounts may send their findings and changes to a central event bus of the stack. Needs `context`.
   *
   * @default none: only events of the account of the stack
   */
  readonly organizationId?: string | undefined;
  /**
   * Whether X-Ray traces the invocations of the function.
   *
   * @default false
   */
  readonly tracing?: boolean | undefined;
  /**
   * Whether the table, bucket, topics and key outlive the stack once it is created.
   *
   * @default true
   */
  readonly protect?: boolean | undefined;
}
