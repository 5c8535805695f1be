import { assumed } from './assumptions.ts';
import type { PriceName } from './price-list.ts';
import { daysPerMonth } from './units.ts';
import type { Usage } from './usage.ts';

/** What the setting `names` adds to the bill. */
export interface NameCost {
  readonly alertsPerDay: number;
  readonly namesPerAlert: number;
  /** US dollars a month. */
  readonly usd: number;
}

/** A use of a service: its item of the bill, its price, and the quantity of a month. */
export type ServiceUse = readonly [service: string, item: string, price: PriceName, quantity: number];

/** The beginning of the bill's items that are for names. */
const ofNames = 'names: ';

/** Returns what names use in a month; empty without the setting. Each alert is taken as a separate look-up. */
export function nameUses({ names, mailsPerDay }: Usage): ServiceUse[] {
  if (!names) return [];
  const alerts = mailsPerDay * daysPerMonth;
  const { namesPerAlert, nameReadUnits, nameRequestUnits, nameEntryUnits, lookUpSeconds, lookUpGigabytes } = assumed;
  const perName = nameRequestUnits + nameEntryUnits;
  return [
    ['Lambda', `${ofNames}requests`, 'lambdaRequests', alerts],
    ['Lambda', `${ofNames}time`, 'lambdaGigabyteSeconds', alerts * lookUpSeconds * lookUpGigabytes],
    ['DynamoDB', `${ofNames}writes`, 'dynamoWriteUnits', alerts * namesPerAlert * perName],
    // The function that alerts reads names, and so does the one that looks them up.
    ['DynamoDB', `${ofNames}reads`, 'dynamoReadUnits', alerts * namesPerAlert * 2 * nameReadUnits],
  ];
}

/**
 * Returns what the setting adds to a bill; undefined without the setting.
 *
 * @param lines of the bill
 */
export function nameCostOf(
  { names, mailsPerDay }: Usage,
  lines: readonly { readonly item: string; readonly usd: number }[],
): NameCost | undefined {
  if (!names) return undefined;
  const usd = lines.reduce((sum, line) => sum + (line.item.startsWith(ofNames) ? line.usd : 0), 0);
  return { alertsPerDay: mailsPerDay, namesPerAlert: assumed.namesPerAlert, usd };
}
