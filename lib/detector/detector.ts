import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Architecture, type FunctionProps, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type ICommandHooks, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { environmentNames, readConfig } from '../../lambda/config.ts';
import { tagKeysByField } from '../../lambda/flow-log/tag-fields.ts';
import type { RuleSet, S3Object } from '../../lambda/rules/model.ts';
import { parseS3Url } from '../../lambda/rules/s3-url.ts';
import { parseNetworks } from '../../sigma/compile/monitored-network.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import type { AlertTopic } from '../notifications/alert-topic.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import type { Settings } from '../settings/settings.ts';
import { bundling, loaders, stubAliases } from './bundling.ts';
import type { ContextTable } from './context-table.ts';
import type { CounterTable } from './counter-table.ts';
import { warnOfExpiredFilters } from './expired-filter-warnings.ts';
import { functionRole } from './function-role.ts';
import type { JournalTable } from './journal-table.ts';
import { warnOfMonitoredNetworks } from './monitored-network-warnings.ts';
import type { NameTable } from './name-table.ts';
import { noteOffRules } from './off-rule-notices.ts';
import { grantReadObjects, objectsRead } from './s3-object-access.ts';
import { SharedCode } from './shared-code.ts';

const root = join(import.meta.dirname, '../..');

/** The longest time Firehose waits (Firehose Developer Guide, "Transform source data in Amazon Data Firehose"). */
export const detectorTimeout = Duration.minutes(5);

/**
 * The function's memory in MB. A batch of 200,000 lines with as many pairs, the limit of lambda/parse/decode-budget.ts,
 * takes 560 MB: `npm run bench -- --only 6`. Less memory is also a smaller share of a processor.
 */
export const detectorMemory = 1024;

export interface DetectorProps {
  readonly table: CounterTable;
  readonly journal: JournalTable;
  readonly topic: AlertTopic;
  /**
   * The names of addresses in alerts.
   *
   * @default none
   */
  readonly names?: NameTable | undefined;
  /**
   * What happened around the hosts of alerts.
   *
   * @default none
   */
  readonly context?: ContextTable | undefined;
  /**
   * The key that encrypts the log.
   *
   * @default a key that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /** The formats of all flow logs that send to the stream, in AWS's notation or as field names. */
  readonly formats: readonly string[];
  readonly settings: Pick<
    Settings,
    | 'retentionDays'
    | 'counting'
    | 'countEvery'
    | 'countLanes'
    | 'monitoredNetworks'
    | 'scope'
    | 'geoTable'
    | 'tagFields'
    | 'logGroups'
    | 'logFormats'
    | 'senderAccountIds'
    | 'messagesPerBatch'
    | 'messagesPerMinute'
    | 'lakePartition'
    | 'refusedPairsPerMinute'
    | 'tracing'
  >;
}

/**
 * The function that Firehose invokes with each batch to decode, count, evaluate and alert. Its bundle contains the
 * compiled Sigma rules of rules/, so a changed rule changes the function.
 */
export class Detector extends Construct {
  readonly function: IFunction;
  /** The rules that the function evaluates. */
  readonly ruleSet: RuleSet;
  /** The objects in S3 that the functions read. */
  readonly objectsRead: readonly S3Object[];
  /** The bundle and its environment, for a second function with another handler: one bundle, one asset. */
  readonly shared: Pick<FunctionProps, 'code' | 'runtime' | 'architecture' | 'tracing' | 'environment'>;

  constructor(scope: Construct, id: string, props: DetectorProps) {
    super(scope, id);
    const { table, journal, topic, names, context, encryptionKey, formats, settings } = props;
    const { geoTable } = settings;
    const environment = {
      [environmentNames.tableName]: table.table.tableName,
      [environmentNames.topicArn]: topic.topic.topicArn,
      [environmentNames.stackName]: Stack.of(this).stackName,
      [environmentNames.formats]: formats.join('\n'),
      [environmentNames.retentionDays]: String(settings.retentionDays),
      [environmentNames.messagesPerBatch]: String(settings.messagesPerBatch),
      [environmentNames.messagesPerMinute]: String(settings.messagesPerMinute),
      [environmentNames.rulesFile]: './rules.json',
      [environmentNames.lakePartition]: settings.lakePartition,
      [environmentNames.refusedPairsPerMinute]: String(settings.refusedPairsPerMinute),
      // Also with `direct`: an attempt of a batch continues as its first attempt began.
      [environmentNames.journalTableName]: journal.table.tableName,
      [environmentNames.countLanes]: String(settings.counting === 'journal' ? settings.countLanes : 0),
      [environmentNames.countEverySeconds]: String(Duration.minutes(settings.countEvery).toSeconds()),
      ...(geoTable !== undefined && { [environmentNames.geoTable]: geoTable }),
      ...(names && { [environmentNames.nameTableName]: names.tableName }),
      ...(context && {
        [environmentNames.contextTableName]: context.tableName,
        [environmentNames.contextDays]: String(context.days),
      }),
    };
    // An environment that the function would reject at its start fails the synth.
    readConfig(environment);
    const { role, logGroup } = functionRole(this, encryptionKey);
    const { off = [], ...ruleSet } = compileRules(settings, context !== undefined);
    noteOffRules(this, off);
    this.ruleSet = ruleSet;
    warnOfExpiredFilters(this, ruleSet.filters, Date.now() / 1000);
    warnOfMonitoredNetworks(this, ruleSet.monitoredNetworks, settings);
    const common = {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // CDK grants the role only to write traces. X-Ray has no resource names to restrict the grant.
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
    };
    const detector = withRules(
      JSON.stringify(ruleSet),
      (commandHooks) =>
        new NodejsFunction(this, 'Function', {
          ...common,
          description: 'Decodes VPC Flow Logs, counts per source and destination, and alerts',
          entry: join(root, 'lambda/index.ts'),
          depsLockFilePath: join(root, 'package-lock.json'),
          memorySize: detectorMemory,
          timeout: detectorTimeout,
          role,
          logGroup,
          bundling: {
            ...bundling,
            // The tested SDK version is bundled. Only the S3 client comes from the runtime: few deployments load it.
            externalModules: ['@aws-sdk/client-s3'],
            loader: { ...loaders },
            esbuildArgs: { '--alias': [...stubAliases] },
            commandHooks,
          },
        }),
    );
    this.function = detector;
    this.shared = { ...common, code: new SharedCode(detector) };
    table.grantCount(role);
    journal.grantPutPages(role);
    names?.grantReadAndPut(role);
    context?.grantAlert(role);
    topic.grantPublish(role);
    this.objectsRead = objectsRead(ruleSet.lists, geoTable === undefined ? undefined : parseS3Url(geoTable));
    grantReadObjects(role, this.objectsRead);
  }
}

/** Compiles rules/ with the scope and the keys of tags. Without a geo table or context, some rules are off. Monitored networks of the settings replace those of rules/networks.yml. */
function compileRules(
  {
    monitoredNetworks,
    scope,
    tagFields,
    geoTable,
  }: Pick<Settings, 'monitoredNetworks' | 'scope' | 'tagFields' | 'geoTable'>,
  hasContext: boolean,
): RuleSet {
  return {
    ...compileRuleDirectory(undefined, undefined, { hasRegions: geoTable !== undefined, hasContext, scope }),
    ...(monitoredNetworks.length > 0 && { monitoredNetworks: parseNetworks(monitoredNetworks) }),
    ...(scope && { scope }),
    ...(tagKeysByField(tagFields).size > 0 && { tagFields }),
  };
}

/** Bundles the code with the compiled rules beside it. The hash of the asset covers both. */
export function withRules<T>(rules: string, bundle: (commandHooks: ICommandHooks) => T): T {
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
