import { createAdapters, type Environment, now } from './adapters.ts';
import type { AddressSources } from './alert/address-sources.ts';
import { type Clients, createClients } from './aws/clients.ts';
import { deadlineSignals } from './aws/deadline.ts';
import { defaultMaintenance, type MaintenanceOptions } from './aws/dynamo-counter-store.ts';
import { DynamoRefusedPairBudget } from './aws/dynamo-refused-pair-budget.ts';
import { EmfTelemetry } from './aws/emf-telemetry.ts';
import { type Config, readConfig } from './config.ts';
import { notableDeltas } from './journal/columns/notable-deltas.ts';
import { transform } from './pipeline.ts';
import type { TransformedRecord } from './respond/respond.ts';

/** A Firehose transformation function; it validates the event. */
export type Handler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<{ records: TransformedRecord[] }>;

/**
 * Creates the function: reads the configuration and creates the adapters once per process.
 *
 * @param environment see readConfig
 * @param clock epoch seconds
 * @param sources what says who has the addresses of alerts, and where they lead (default: nothing)
 * @throws FlowError `CONFIG_INVALID` if the environment or the compiled rules are invalid
 *
 * @example
 * export const handler = createHandler(process.env);
 */
export function createHandler(
  environment: Environment,
  clients: Clients = createClients(),
  maintenance: MaintenanceOptions = defaultMaintenance,
  createTelemetry: (stackName: string) => EmfTelemetry = (stackName) => new EmfTelemetry(stackName),
  clock: () => number = now,
  sources: AddressSources = {},
): Handler {
  const config: Config = readConfig(environment);
  const adapters = createAdapters(config, clients, maintenance, createTelemetry(config.stackName), sources, clock);
  const { rules, journal, lists, geoTable, log, ...ports } = adapters;
  const { formats, messages, lakePartition, countLanes } = config;
  const settings = { formats, rules, messages, lakePartition };
  const refusedPairs = new DynamoRefusedPairBudget(clients.dynamoDb, config, config.refusedPairsPerMinute);
  const journalPorts = journal && { journal, lanes: countLanes, isNotable: notableDeltas(rules), now: clock };
  return async (event, context) => {
    const signals = deadlineSignals(context.getRemainingTimeInMillis());
    try {
      await Promise.all([lists.refresh(signals.deadline), geoTable.refresh(signals.deadline)]);
      const withJournal = { ...ports, refusedPairs, log, ...(journalPorts && { journal: journalPorts }) };
      return await transform(event, settings, { ...withJournal, ...signals });
    } catch (error) {
      log.failed(error);
      throw error;
    }
  };
}
