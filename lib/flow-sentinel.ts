import { CfnOutput, Stack, Token } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { FlowError } from '../lambda/common/errors.ts';
import { logFormatWith } from '../lambda/flow-log/deployed-format.ts';
import { ContextEvents } from './context/context-events.ts';
import { ContextTable } from './detector/context-table.ts';
import { CounterTable } from './detector/counter-table.ts';
import { Detector } from './detector/detector.ts';
import { FlushFunction } from './detector/flush-function.ts';
import { JournalTable } from './detector/journal-table.ts';
import { NameTable } from './detector/name-table.ts';
import { NamesFunction } from './detector/names-function.ts';
import { warnOfBlindRules } from './ingest/blind-rule-warnings.ts';
import { CrossAccountDeliveryRole } from './ingest/cross-account-delivery-role.ts';
import { DeliveryStream } from './ingest/delivery-stream.ts';
import { FlowLogSource } from './ingest/flow-log-source.ts';
import { statedFlowLogs } from './ingest/format-sources.ts';
import { LogGroupSource } from './ingest/log-group-source.ts';
import { loggedVpcs } from './ingest/logged-vpcs.ts';
import { warnOfMissingScope } from './ingest/scope-warnings.ts';
import { streamFormats } from './ingest/stream-formats.ts';
import { FailedRecordsQueue } from './lake/failed-records-queue.ts';
import { LakeBucket } from './lake/lake-bucket.ts';
import { LakeCatalog } from './lake/lake-catalog.ts';
import { AlertTopic } from './notifications/alert-topic.ts';
import { MonthlyBudget } from './notifications/monthly-budget.ts';
import { OperationsTopic } from './notifications/operations-topic.ts';
import { Alarms } from './observability/alarms.ts';
import { Dashboard } from './observability/dashboard.ts';
import { LakeQueries } from './queries/lake-queries.ts';
import { LogGroupQueries } from './queries/log-group-queries.ts';
import { CustomerManagedKey } from './security/customer-managed-key.ts';
import type { FlowSentinelProps } from './settings/flow-sentinel-props.ts';
import type { Settings } from './settings/settings.ts';
import { settingsOfProps } from './settings/settings-of-props.ts';

export type { FlowSentinelProps } from './settings/flow-sentinel-props.ts';

/**
 * Exact counters and Sigma alerts on VPC Flow Logs: flow logs, delivery stream, functions, tables, lake, topics, alarms
 * and dashboard. A stack has at most one, since alarms, dashboard, workgroup and metrics have the stack's name.
 *
 * The stack gets the outputs that the command line reads, so its commands work with any stack that has the construct.
 *
 * @example
 * const stack = new Stack(app, 'Network');
 * const vpc = new Vpc(stack, 'Vpc', { ipAddresses: IpAddresses.cidr('10.0.0.0/16') });
 * const sentinel = new FlowSentinel(stack, 'FlowSentinel', {
 *   vpcIds: [vpc.vpcId],
 *   monitoredNetworks: ['10.0.0.0/16'],
 *   alertEmails: ['security@example.com'],
 * });
 * sentinel.alertTopic.addSubscription(new SqsSubscription(ticketQueue));
 */
export class FlowSentinel extends Construct {
  /** Receives the alerts about the network. */
  readonly alertTopic: ITopic;
  /** Receives the alarms about flow-sentinel itself. */
  readonly operationsTopic: ITopic;
  /** Receives flow records: the destination of further flow logs. */
  readonly stream: IDeliveryStream;
  /** The format that the construct's own flow logs have, in AWS's notation: a good format for further ones. */
  readonly logFormat: string;
  /** Decodes, counts and alerts; the stream invokes it with each batch. */
  readonly function: IFunction;
  /** Counts the journal and alerts, each minute. */
  readonly flushFunction: IFunction;
  /** Holds the counters and the state of alerts. */
  readonly table: ITable;
  /** Holds what batches have stored with `counting` `journal` and what is not counted yet. */
  readonly journalTable: ITable;
  /** Holds every decoded flow record, and records that failed. */
  readonly bucket: IBucket;
  /** Holds a message for each object of failed records, until `redrive` has handled the object. */
  readonly failedRecordsQueue: IQueue;
  /** The Glue database with the tables of the lake. */
  readonly databaseName: string;
  /** The Athena workgroup with the saved queries. */
  readonly workGroupName: string;
  /** The alarms about flow-sentinel itself, for a composite alarm or a dashboard of your own. */
  readonly alarms: readonly IAlarm[];
  /** Encrypts all stored data; undefined unless `encryption` is `own`. */
  readonly encryptionKey: IKey | undefined;
  /** The `DeliverCrossAccountRole` for flow logs of other accounts; undefined without `senderAccountIds`. */
  readonly crossAccountRoleArn: string | undefined;
  /** The central event bus for findings and changes of an organization; undefined without `organizationId`. */
  readonly contextBusArn: string | undefined;

  /**
   * @throws FlowError `CONFIG_INVALID` that names every invalid property; also if the stack is nested or already has a
   * FlowSentinel
   */
  constructor(scope: Construct, id: string, props: FlowSentinelProps = {}) {
    super(scope, id);
    this.#checkStack();
    const settings = settingsOfProps(props);
    const { logGroups, senderAccountIds, protect, provisionedWrites, warmWrites, maxWrites } = settings;
    const logged = { ...settings, ...loggedVpcs(this, settings) };
    const encryptionKey =
      settings.encryption === 'own' ? new CustomerManagedKey(this, 'CustomerManagedKey', { protect }) : undefined;
    const stored = { encryptionKey, protect };
    const table = new CounterTable(this, 'CounterTable', {
      ...stored,
      ...{ counting: settings.counting, provisionedWrites, warmWrites, maxWrites },
    });
    const journal = new JournalTable(this, 'JournalTable', stored);
    const topic = new AlertTopic(this, 'AlertTopic', { ...stored, emails: settings.alertEmails });
    const lake = new LakeBucket(this, 'LakeBucket', {
      ...stored,
      format: settings.lakeFormat,
      partition: settings.lakePartition,
      coldAfterDays: settings.lakeColdAfterDays,
      expireAfterDays: settings.lakeExpireAfterDays,
    });
    const failedRecords = new FailedRecordsQueue(this, 'FailedRecordsQueue', { lake });
    const catalog = new LakeCatalog(this, 'LakeCatalog', { lake });
    const queries = new LakeQueries(this, 'LakeQueries', { lake, catalog });
    const formats = streamFormats(settings);
    const names = settings.names ? new NameTable(this, 'NameTable', stored) : undefined;
    const context = settings.context
      ? new ContextTable(this, 'ContextTable', { ...stored, days: settings.contextDays })
      : undefined;
    const counting = { table, journal, topic, names, context, encryptionKey, settings: logged };
    const detector = new Detector(this, 'Detector', { ...counting, formats });
    warnOfBlindRules(this, detector.ruleSet, statedFlowLogs(settings));
    warnOfMissingScope(this, settings.scope, statedFlowLogs(settings));
    const flush = new FlushFunction(this, 'FlushFunction', { ...counting, detector });
    if (names) new NamesFunction(this, 'NamesFunction', { names, encryptionKey, settings });
    const contextEvents =
      context &&
      new ContextEvents(this, 'ContextEvents', {
        ...{ table: context, detector, counters: table, topic, names, encryptionKey, settings },
      });
    const { stream } = new DeliveryStream(this, 'DeliveryStream', {
      ...{ detector, lake, catalog, encryptionKey },
      bufferIntervalSeconds: settings.bufferIntervalSeconds,
    });
    new FlowLogSource(this, 'FlowLogSource', { stream, logged });
    if (logGroups.length > 0) {
      new LogGroupSource(this, 'LogGroupSource', { stream, logGroups });
      new LogGroupQueries(this, 'LogGroupQueries', { logGroups });
    }
    const operations = new OperationsTopic(this, 'OperationsTopic', { ...stored, emails: settings.operationsEmails });
    if (settings.monthlyBudgetUsd !== undefined) {
      encryptionKey?.allowBudgets();
      new MonthlyBudget(this, 'MonthlyBudget', { usd: settings.monthlyBudgetUsd, operations });
    }
    const monitored = { stream, detector, flush, lake, failedRecords, table, journal, topic, contextEvents, settings };
    const { alarms } = new Alarms(this, 'Alarms', { ...monitored, action: operations.action });
    new Dashboard(this, 'Dashboard', { ...monitored, alarms });

    this.alertTopic = topic.topic;
    this.operationsTopic = operations.topic;
    this.stream = stream;
    this.logFormat = logFormatWith(settings.tagFields);
    this.function = detector.function;
    this.flushFunction = flush.function;
    this.table = table.table;
    this.journalTable = journal.table;
    this.bucket = lake.bucket;
    this.failedRecordsQueue = failedRecords.queue;
    this.databaseName = catalog.databaseName;
    this.workGroupName = queries.workGroupName;
    this.alarms = alarms;
    this.encryptionKey = encryptionKey?.key;
    this.crossAccountRoleArn =
      senderAccountIds.length > 0
        ? new CrossAccountDeliveryRole(this, 'CrossAccountDeliveryRole', { stream, accountIds: senderAccountIds })
            .roleArn
        : undefined;
    this.contextBusArn = contextEvents?.busArn;
    this.#addOutputs(settings);
  }

  #checkStack(): void {
    const stack = Stack.of(this);
    if (Token.isUnresolved(stack.stackName)) {
      throw new FlowError(
        'CONFIG_INVALID',
        `the scope of ${this.node.path} is invalid: got a nested stack, expected a stack with its own name`,
      );
    }
    const isOther = (one: IConstruct) => one instanceof FlowSentinel && one !== this && Stack.of(one) === stack;
    const other = stack.node.findAll().find(isOther);
    if (!other) return;
    throw new FlowError(
      'CONFIG_INVALID',
      `the scope of ${this.node.path} is invalid: got a stack that already has ${other.node.path}, expected at most one ` +
        'FlowSentinel per stack; use a second stack',
    );
  }

  /** Adds the outputs by their exact names, which commands read (cli/deployment/stack-outputs.ts). */
  #addOutputs({ retentionDays, scope }: Settings): void {
    const add = (name: string, description: string, value: string) =>
      new CfnOutput(this, `${name}Output`, { description, value }).overrideLogicalId(name);
    add('DeliveryStreamArn', 'The destination for existing flow logs', this.stream.deliveryStreamArn);
    add('FlowLogFormat', 'The format for new flow logs of VPCs', this.logFormat);
    if (this.crossAccountRoleArn !== undefined) {
      add('SenderRoleArn', 'The DeliverCrossAccountRole for flow logs of other accounts', this.crossAccountRoleArn);
    }
    add('AlertTopicArn', 'The topic that receives alerts', this.alertTopic.topicArn);
    add('DetectorFunctionName', 'The function that counts; redrive invokes it', this.function.functionName);
    add('FlushFunctionName', 'The function that counts the journal each minute', this.flushFunction.functionName);
    add('CounterRetentionDays', 'The days for which redrive counts exactly', String(retentionDays));
    if (scope) add('CounterScope', 'What keeps counters of the same addresses apart; smoke reads it', scope);
    add('PairTableName', 'The table with the counters', this.table.tableName);
    add('JournalTableName', 'The table with what is not counted yet', this.journalTable.tableName);
    add('FlowLakeBucketName', 'The bucket with every decoded flow record', this.bucket.bucketName);
    const { queueUrl } = this.failedRecordsQueue;
    add('FailedRecordsQueueUrl', 'The queue with a message for each object of failed records', queueUrl);
    if (this.contextBusArn !== undefined) {
      add('ContextBusArn', 'The event bus for findings and changes of other accounts', this.contextBusArn);
    }
    add('AthenaWorkGroupName', 'The Athena workgroup with the saved queries', this.workGroupName);
  }
}
