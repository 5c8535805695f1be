import { readBundledRules } from './aws/bundled-rules.ts';
import { type Clients, createClients } from './aws/clients.ts';
import { deadlineSignals } from './aws/deadline.ts';
import { DynamoAlertStateStore } from './aws/dynamo-alert-state-store.ts';
import { DynamoCounterStore, defaultMaintenance, type MaintenanceOptions } from './aws/dynamo-counter-store.ts';
import { EmfTelemetry } from './aws/emf-telemetry.ts';
import { S3NetworkLists } from './aws/s3-network-lists.ts';
import { SnsAlertPublisher } from './aws/sns-alert-publisher.ts';
import { type Config, readConfig } from './config.ts';
import { transform } from './pipeline.ts';
import type { TransformedRecord } from './respond/respond.ts';
import { loadRules } from './rules/load.ts';

/** A Firehose transformation function. The event is not trusted to be one. */
export type Handler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<{ records: TransformedRecord[] }>;

/**
 * Puts the function together: configuration once, real ports once.
 *
 * @param environment see readConfig
 * @throws FlowError `CONFIG_INVALID` when the environment or the compiled rules are not right
 *
 * @example
 * export const handler = createHandler(process.env);
 */
export function createHandler(
  environment: Readonly<Record<string, string | undefined>>,
  { dynamoDb, sns, s3 }: Clients = createClients(),
  upkeep: MaintenanceOptions = defaultMaintenance,
): Handler {
  const config: Config = readConfig(environment);
  const rules = loadRules(readBundledRules(new URL(config.rulesFile, import.meta.url)));
  const { formats, messages, lakePartition } = config;
  const settings = { formats, rules, messages, lakePartition };
  // Made with the first batch: it asks how old this process is, which may have been a snapshot until then.
  let counters: DynamoCounterStore | undefined;
  const ledger = new DynamoAlertStateStore(dynamoDb, config);
  const alerts = new SnsAlertPublisher(sns, config.topicArn);
  const log = new EmfTelemetry(config.stackName);
  const lists = new S3NetworkLists(rules.lists.values(), s3, log);
  return async (event, context) => {
    const signals = deadlineSignals(context.getRemainingTimeInMillis());
    counters ??= new DynamoCounterStore(dynamoDb, config, rules.series, upkeep);
    try {
      await lists.refresh(signals.deadline);
      return await transform(event, settings, { counters, alertState: ledger, alerts, log, ...signals });
    } catch (error) {
      log.failed(error);
      throw error;
    }
  };
}
