import { fields } from './fields.ts';

/**
 * Fields by the letters of their names: Athena has `account_id`, CloudWatch Logs Insights `accountId`, and for the times
 * `startTime` and `endTime` (CloudWatch Logs User Guide, "Supported logs and discovered fields").
 */
const fieldOfLetters: ReadonlyMap<string, string> = new Map([
  ...[...fields.keys()].map((name): [string, string] => [lettersOf(name), name]),
  ['starttime', 'start'],
  ['endtime', 'end'],
]);

function lettersOf(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}

/** Returns the flow log field that a name means, in any spelling of AWS; undefined for any other name. */
export function fieldOfName(name: string): string | undefined {
  return fieldOfLetters.get(lettersOf(name.trim()));
}

/** Returns the names by the field that each means; of several names for a field, the first. Others are left out. */
export function namesOfFields(names: Iterable<string>): ReadonlyMap<string, string> {
  const byField = new Map<string, string>();
  for (const name of names) {
    const field = fieldOfName(name);
    if (field !== undefined && !byField.has(field)) byField.set(field, name);
  }
  return byField;
}
