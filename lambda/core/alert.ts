import type { LoadedRules } from '../sigma/load.ts';
import { alertBody, type Origin } from './alert-body.ts';
import { alertSubject, alertText } from './alert-text.ts';
import type { Finding } from './judge.ts';
import { writeQuantities } from './quantity.ts';
import { printable } from './wording.ts';

/** One alert as SNS gets it. */
export interface Alert {
  /** The same for the same alert however often it is published: receivers tell duplicates by it. */
  readonly id: string;
  /** ASCII, under 100 characters, no control characters (SNS API Reference, "Publish"). */
  readonly subject: string;
  /** For people. */
  readonly text: string;
  /** For machines: JSON, see core/alert-body.ts. */
  readonly body: string;
  /** For filter policies: `rule`, `level`, and `account`, `region`, `vpc` where known. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Writes the alert that a finding calls for. */
export function writeAlert(finding: Finding, rules: LoadedRules, origin: Origin): Alert {
  const series = rules.series.get(finding.rule.series)!;
  const body = alertBody(finding, series, origin);
  const { rule, level, account, region, vpc } = body;
  const attributes = Object.entries({ rule, level, account, region, vpc }).flatMap(
    ([name, value]): [string, string][] => (value === undefined ? [] : [[name, printable(value)]]),
  );
  return {
    id: body.id,
    subject: alertSubject(finding, series),
    text: alertText(finding, series, body),
    body: JSON.stringify(body, writeQuantities),
    attributes: new Map(attributes),
  };
}
