import type { AddressSources, HostSources } from './alert/address-sources.ts';
import type { ContextLookups } from './alert/context-lookups.ts';
import type { NameLookups } from './alert/name-lookups.ts';
import { readBundledRules } from './aws/bundled-rules.ts';
import type { Clients } from './aws/clients.ts';
import { CommandSender } from './aws/command-sender.ts';
import { DynamoAlertStateStore } from './aws/dynamo-alert-state-store.ts';
import { DynamoContextTable } from './aws/dynamo-context-table.ts';
import { DynamoCounterStore, type MaintenanceOptions } from './aws/dynamo-counter-store.ts';
import { DynamoJournal } from './aws/dynamo-journal.ts';
import { DynamoNames } from './aws/dynamo-names.ts';
import type { EmfTelemetry } from './aws/emf-telemetry.ts';
import { S3GeoTable } from './aws/s3-geo-table.ts';
import { S3NetworkLists } from './aws/s3-network-lists.ts';
import { SnsAlertPublisher } from './aws/sns-alert-publisher.ts';
import { StoredContext } from './aws/stored-context.ts';
import type { Config } from './config.ts';
import { KnownSlots } from './count/known-slots.ts';
import type { Journal } from './journal/journal.ts';
import { loadRules } from './rules/load.ts';
import type { LoadedRules } from './rules/loaded.ts';

/** The environment variables of a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What both functions of a stack use: the rules, and the ports to AWS, made once per process. */
export interface Adapters extends HostSources {
  readonly rules: LoadedRules;
  readonly counters: DynamoCounterStore;
  readonly knownSlots: KnownSlots;
  readonly alertState: DynamoAlertStateStore;
  readonly alerts: SnsAlertPublisher;
  readonly lists: S3NetworkLists;
  readonly geoTable: S3GeoTable;
  /** Undefined without a journal table. */
  readonly journal: Journal | undefined;
  /** Undefined without a table of names. */
  readonly nameLookups: NameLookups | undefined;
  /** Undefined without a table of context. */
  readonly contextLookups: ContextLookups | undefined;
  readonly log: EmfTelemetry;
}

/** Creates the adapters. @param clock epoch seconds. @throws FlowError `CONFIG_INVALID` if the compiled rules are invalid */
export function createAdapters(
  config: Config,
  { dynamoDb, sns, s3 }: Clients,
  maintenance: MaintenanceOptions,
  log: EmfTelemetry,
  { names, dns, regions }: AddressSources,
  clock: () => number,
): Adapters {
  const { journalTableName, nameTableName } = config;
  const rules = loadRules(readBundledRules(new URL(config.rulesFile, import.meta.url)), regions);
  return {
    rules,
    counters: new DynamoCounterStore(dynamoDb, config, rules.series, maintenance),
    knownSlots: new KnownSlots(rules.series),
    alertState: new DynamoAlertStateStore(dynamoDb, { ...config, scope: rules.scope }),
    alerts: new SnsAlertPublisher(sns, config.topicArn),
    lists: new S3NetworkLists(rules.lists.values(), s3, log),
    geoTable: new S3GeoTable(config.geoTable, rules.regions, s3, log),
    journal: journalTableName === undefined ? undefined : new DynamoJournal(dynamoDb, journalTableName),
    names,
    dns,
    nameLookups: nameTableName === undefined ? undefined : new DynamoNames(dynamoDb, nameTableName, log, now),
    contextLookups: storedContext(config, dynamoDb, log, clock),
    log,
  };
}

/** Each request to the table has one attempt: an alert does not wait for a second one. */
function storedContext(
  { contextTableName, contextRetentionSeconds }: Config,
  dynamoDb: Clients['dynamoDb'],
  log: EmfTelemetry,
  clock: () => number,
): StoredContext | undefined {
  if (contextTableName === undefined) return undefined;
  const table = new DynamoContextTable(contextTableName, new CommandSender(dynamoDb, { attempts: 'one' }));
  return new StoredContext(table, contextRetentionSeconds, log, clock);
}

/** Returns the process's clock in epoch seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}
