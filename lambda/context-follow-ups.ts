import { createAdapters, type Environment, now } from './adapters.ts';
import type { AddressSources } from './alert/address-sources.ts';
import type { AlertStateStore } from './alert/alert-state-store.ts';
import { answerLevels } from './alert/answer-levels.ts';
import { followUpEvent } from './alert/follow-up-event.ts';
import { type Clients, createClients } from './aws/clients.ts';
import { DynamoContextTable, senderOf } from './aws/dynamo-context-table.ts';
import { defaultMaintenance } from './aws/dynamo-counter-store.ts';
import { DynamoRefusedPairBudget } from './aws/dynamo-refused-pair-budget.ts';
import { EmfTelemetry } from './aws/emf-telemetry.ts';
import { FlowError } from './common/errors.ts';
import { environmentNames, readConfig } from './config.ts';
import type { FollowUps } from './context-handler.ts';
import { countEvent } from './count-event.ts';
import type { Level } from './rules/level.ts';
import { alertReportOf } from './telemetry/alert-report.ts';

/** With a journal, light counters are flushed within an hour. */
const journalSeconds = 3600;

/**
 * Creates what is done after an event is stored: rules on events are evaluated, alerts are updated, and findings are answered.
 *
 * @param environment see readConfig, with CONTEXT_TABLE_NAME; `GUARDDUTY_ANSWERS` is one of answerLevels (default: `off`)
 * @param clock epoch seconds
 * @param sources what says who has the addresses of alerts, and where they lead (default: nothing)
 * @throws FlowError `CONFIG_INVALID` if the environment or the compiled rules are invalid
 */
export function createContextFollowUps(
  environment: Environment,
  clients: Clients = createClients(),
  createTelemetry: (stackName: string) => EmfTelemetry = (stackName) => new EmfTelemetry(stackName),
  clock: () => number = now,
  sources: AddressSources = {},
): FollowUps {
  const config = readConfig(environment);
  const { contextTableName, contextRetentionSeconds } = config;
  if (contextTableName === undefined) {
    throw new FlowError(
      'CONFIG_INVALID',
      `${environmentNames.contextTableName} is missing: expected the context table`,
    );
  }
  const least = answersOf(environment[environmentNames.guardDutyAnswers] || 'off');
  const adapters = createAdapters(
    config,
    clients,
    defaultMaintenance,
    createTelemetry(config.stackName),
    sources,
    clock,
  );
  const { rules, journal: _, lists, geoTable, alertState, log, ...others } = adapters;
  const refusedPairs = new DynamoRefusedPairBudget(clients.dynamoDb, config, config.refusedPairsPerMinute);
  const table = new DynamoContextTable(contextTableName, senderOf(clients.dynamoDb));
  const ports = { ...others, log, refusedPairs, alertState: withoutQueues(alertState) };
  const settings = {
    perMinute: config.messages.perMinute,
    retentionSeconds: contextRetentionSeconds,
    scope: rules.scope,
    countedWithinSeconds: config.countLanes > 0 ? journalSeconds : 0,
    ...(least && { least }),
  };
  return {
    async after({ event, raw, arrival, firstLook, isFirst }, time, signal) {
      if (isFirst) {
        await Promise.all([lists.refresh(signal), geoTable.refresh(signal)]);
        const source = event.kind === 'finding' ? 'guardduty' : 'cloudtrail';
        const signals = { deadline: signal, closing: signal };
        const alertSettings = { rules, messages: config.messages };
        const stages = await countEvent({ source, raw, event }, arrival, alertSettings, { ...ports, ...signals });
        log.alerted(alertReportOf(stages));
      }
      return followUpEvent(event, Math.max(0, time - firstLook), time, settings, { ...ports, table }, signal);
    },
  };
}

/** Alerts that wait are those of flows: the functions that count flows send them. */
function withoutQueues(alertState: AlertStateStore): AlertStateStore {
  return {
    observedSince: (...args) => alertState.observedSince(...args),
    reserveMessages: (...args) => alertState.reserveMessages(...args),
    schedule: (...args) => alertState.schedule(...args),
    cancel: (...args) => alertState.cancel(...args),
    dueReEvaluations: async () => [],
  };
}

function answersOf(text: string): Level | undefined {
  const found = answerLevels.find((level) => level === text);
  if (found !== undefined) return found === 'off' ? undefined : found;
  const expected = `expected one of ${answerLevels.join(', ')}`;
  throw new FlowError('CONFIG_INVALID', `${environmentNames.guardDutyAnswers} is invalid: got ${text}, ${expected}`);
}
