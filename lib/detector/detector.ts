import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { Charset, type ICommandHooks, LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { environmentNames, readConfig } from '../../lambda/config.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import type { AlertTopic } from '../notifications/alert-topic.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { scopedServicePrincipal } from '../security/scoped-service-principal.ts';
import type { Settings } from '../settings/settings.ts';
import { stubAliases } from './bundling.ts';
import type { CounterTable } from './counter-table.ts';
import { warnOfExpiredFilters } from './expired-filter-warnings.ts';
import { grantReadNetworkLists } from './network-list-access.ts';

const root = join(import.meta.dirname, '../..');

/** The most that Firehose waits for (Firehose Developer Guide, "Transform source data in Amazon Data Firehose"). */
export const detectorTimeout = Duration.minutes(5);

/** 16 MiB of text, read whole, take some 650 MB: decode/read-records.ts. In MB. */
export const detectorMemory = 1024;

export interface DetectorProps {
  readonly table: CounterTable;
  readonly topic: AlertTopic;
  /** What encrypts its log, in place of a key that AWS owns. */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /** The formats of all flow logs that send to the stream, as AWS writes them or as field names. */
  readonly formats: readonly string[];
  readonly settings: Pick<
    Settings,
    'retentionDays' | 'monitoredNetworks' | 'messagesPerBatch' | 'messagesPerMinute' | 'lakePartition' | 'tracing'
  >;
}

/**
 * The function that Firehose calls with each batch: it decodes, counts, judges and alerts. Its bundle holds the Sigma
 * rules of rules/ in compiled form, so that a change to a rule is a change to the function.
 */
export class Detector extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { table, topic, encryptionKey, formats, settings }: DetectorProps) {
    super(scope, id);
    const environment = {
      [environmentNames.tableName]: table.tableName,
      [environmentNames.topicArn]: topic.topicArn,
      [environmentNames.stackName]: Stack.of(this).stackName,
      [environmentNames.formats]: formats.join('\n'),
      [environmentNames.retentionDays]: String(settings.retentionDays),
      [environmentNames.messagesPerBatch]: String(settings.messagesPerBatch),
      [environmentNames.messagesPerMinute]: String(settings.messagesPerMinute),
      [environmentNames.rulesFile]: './rules.json',
      [environmentNames.lakePartition]: settings.lakePartition,
    };
    // What the function would refuse at its start is refused here.
    readConfig(environment);
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey: encryptionKey.key }),
    });
    // A role of its own: the one that CDK makes may write to any log group of the account.
    const role = new Role(this, 'Role', { assumedBy: scopedServicePrincipal(this, 'lambda') });
    const ruleSet = rulesFor(settings.monitoredNetworks);
    warnOfExpiredFilters(this, ruleSet.filters, Date.now() / 1000);
    this.function = withRules(
      JSON.stringify(ruleSet),
      (commandHooks) =>
        new NodejsFunction(this, 'Function', {
          description: 'Decodes VPC Flow Logs, counts per source and destination, and alerts',
          entry: join(root, 'lambda/index.ts'),
          depsLockFilePath: join(root, 'package-lock.json'),
          runtime: Runtime.NODEJS_24_X,
          architecture: Architecture.ARM_64,
          memorySize: detectorMemory,
          timeout: detectorTimeout,
          // CDK lets the role write traces, and do nothing else with them; X-Ray has no resource to name.
          tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
          role,
          logGroup,
          environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
          bundling: {
            format: OutputFormat.ESM,
            target: 'node24',
            mainFields: ['module', 'main'],
            minify: true,
            charset: Charset.UTF8,
            sourceMap: true,
            sourcesContent: false,
            // The SDK that was tested is the one that runs; but for S3, which few ask for, it is the one of the runtime.
            externalModules: ['@aws-sdk/client-s3'],
            esbuildArgs: { '--alias': [...stubAliases] },
            logLevel: LogLevel.WARNING,
            commandHooks,
          },
        }),
    );
    logGroup.grantWrite(role);
    table.grantCount(role);
    topic.grantPublish(role);
    grantReadNetworkLists(role, ruleSet.lists);
  }
}

/** The rules of rules/, compiled, with other monitored networks than those of rules/networks.yml where there are some. */
function rulesFor(monitoredNetworks: readonly string[]): RuleSet {
  const ruleSet = compileRuleDirectory();
  if (monitoredNetworks.length === 0) return ruleSet;
  const networks = monitoredNetworks.map(parseNetwork).flatMap((network) => ('problem' in network ? [] : network));
  return { ...ruleSet, monitoredNetworks: networks };
}

/** Bundles with the compiled rules beside the code; the asset's hash is that of both. */
function withRules<T>(rules: string, bundle: (commandHooks: ICommandHooks) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  const file = join(directory, 'rules.json');
  try {
    writeFileSync(file, rules);
    return bundle({
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (_inputDir, outputDir) => [`cp "${file}" "${outputDir}/rules.json"`],
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
