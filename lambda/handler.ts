import { readBundledRules } from './aws/bundled-rules.ts';
import { type Clients, createClients } from './aws/clients.ts';
import { deadlineSignals } from './aws/deadline.ts';
import { DynamoAlertStateStore } from './aws/dynamo-alert-state-store.ts';
import { DynamoCounterStore, defaultMaintenance, type MaintenanceOptions } from './aws/dynamo-counter-store.ts';
import { DynamoRefusedPairBudget } from './aws/dynamo-refused-pair-budget.ts';
import { EmfTelemetry } from './aws/emf-telemetry.ts';
import { S3NetworkLists } from './aws/s3-network-lists.ts';
import { SnsAlertPublisher } from './aws/sns-alert-publisher.ts';
import { type Config, readConfig } from './config.ts';
import { KnownSlots } from './count/known-slots.ts';
import { transform } from './pipeline.ts';
import type { TransformedRecord } from './respond/respond.ts';
import { loadRules } from './rules/load.ts';

/** A Firehose transformation function; it validates the event. */
export type Handler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<{ records: TransformedRecord[] }>;

/**
 * Creates the function: reads the configuration and creates the adapters once per process.
 *
 * @param environment see readConfig
 * @throws FlowError `CONFIG_INVALID` if the environment or the compiled rules are invalid
 *
 * @example
 * export const handler = createHandler(process.env);
 */
export function createHandler(
  environment: Readonly<Record<string, string | undefined>>,
  { dynamoDb, sns, s3 }: Clients = createClients(),
  maintenance: MaintenanceOptions = defaultMaintenance,
  createTelemetry: (stackName: string) => EmfTelemetry = (stackName) => new EmfTelemetry(stackName),
): Handler {
  const config: Config = readConfig(environment);
  const rules = loadRules(readBundledRules(new URL(config.rulesFile, import.meta.url)));
  const { formats, messages, lakePartition } = config;
  const settings = { formats, rules, messages, lakePartition };
  const counters = new DynamoCounterStore(dynamoDb, config, rules.series, maintenance);
  const alertState = new DynamoAlertStateStore(dynamoDb, { ...config, scope: rules.scope });
  const refusedPairs = new DynamoRefusedPairBudget(dynamoDb, config, config.refusedPairsPerMinute);
  const alerts = new SnsAlertPublisher(sns, config.topicArn);
  const log = createTelemetry(config.stackName);
  const knownSlots = new KnownSlots(rules.series);
  const lists = new S3NetworkLists(rules.lists.values(), s3, log);
  return async (event, context) => {
    const signals = deadlineSignals(context.getRemainingTimeInMillis());
    try {
      await lists.refresh(signals.deadline);
      const ports = { counters, knownSlots, refusedPairs, alertState, alerts, log, ...signals };
      return await transform(event, settings, ports);
    } catch (error) {
      log.failed(error);
      throw error;
    }
  };
}
