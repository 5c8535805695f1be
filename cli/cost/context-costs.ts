import { assumed } from './assumptions.ts';
import type { ServiceUse } from './name-costs.ts';
import { daysPerMonth } from './units.ts';
import type { Usage } from './usage.ts';

/** What the setting `context` adds to the bill. */
export interface ContextCost {
  readonly alertsPerDay: number;
  readonly eventsPerDay: number;
  /** US dollars a month. */
  readonly usd: number;
}

/** The beginning of the bill's items that are for context. */
const ofContext = 'context: ';

/** Returns what context uses in a month; empty without the setting. Each event is taken as a separate invocation. */
export function contextUses({ context, mailsPerDay }: Usage): ServiceUse[] {
  if (!context) return [];
  const alerts = mailsPerDay * daysPerMonth;
  const events = assumed.contextEventsPerDay * daysPerMonth;
  const { contextEventSeconds, contextGigabytes, contextAlarms, contextMetrics } = assumed;
  const { contextEventWriteUnits, contextEventReadUnits, contextAlertWriteUnits, contextAlertReadUnits } = assumed;
  const writes = events * contextEventWriteUnits + alerts * contextAlertWriteUnits;
  const reads = events * contextEventReadUnits + alerts * contextAlertReadUnits;
  return [
    ['Lambda', `${ofContext}requests`, 'lambdaRequests', events],
    ['Lambda', `${ofContext}time`, 'lambdaGigabyteSeconds', events * contextEventSeconds * contextGigabytes],
    ['DynamoDB', `${ofContext}writes`, 'dynamoWriteUnits', writes],
    ['DynamoDB', `${ofContext}reads`, 'dynamoReadUnits', reads],
    ['CloudWatch', `${ofContext}metrics`, 'cloudWatchMetrics', contextMetrics],
    ['CloudWatch', `${ofContext}alarms`, 'cloudWatchAlarms', contextAlarms],
  ];
}

/**
 * Returns what the setting adds to a bill; undefined without the setting.
 *
 * @param lines of the bill
 */
export function contextCostOf(
  { context, mailsPerDay }: Usage,
  lines: readonly { readonly item: string; readonly usd: number }[],
): ContextCost | undefined {
  if (!context) return undefined;
  const usd = lines.reduce((sum, line) => sum + (line.item.startsWith(ofContext) ? line.usd : 0), 0);
  return { alertsPerDay: mailsPerDay, eventsPerDay: assumed.contextEventsPerDay, usd };
}
