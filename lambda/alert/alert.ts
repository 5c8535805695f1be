import { writeQuantities } from '../common/quantity.ts';
import { printable, subjectOf } from '../common/text.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import { type AlertBody, alertBody, type Context } from './alert-body.ts';
import { digestText } from './digest-mail.ts';
import { digestHeadline, headline } from './headline.ts';
import { alertText, endText } from './mail.ts';

/** One alert as SNS gets it. */
export interface Alert {
  /** The same for the same alert however often it is published: receivers tell duplicates by it. */
  readonly id: string;
  /** ASCII, under 100 characters, no control characters (SNS API Reference, "Publish"). */
  readonly subject: string;
  /** For people. */
  readonly text: string;
  /** For machines: JSON, see alert/alert-body.ts. */
  readonly body: string;
  /** For filter policies: `rule`, `level`, and `account`, `region`, `vpc` where known. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Writes the alert that a finding calls for. */
export function writeAlert(finding: Finding, context: Context): Alert {
  const body = alertBody(finding, context);
  const text = body.ended ? endText(finding, body) : alertText(finding, body);
  return alertOf(body, headline(finding), text);
}

/** How many keys a digest names. */
const maxKeys = 20;

/**
 * Writes one alert for many findings of one rule: that of the fullest, and with it how many there are and which.
 *
 * @param findings of one rule, at least one
 */
export function writeDigest(findings: readonly Finding[], context: Context): Alert {
  const fullest = findings.toSorted((a, b) =>
    a.record.value < b.record.value ? 1 : a.record.value > b.record.value ? -1 : 0,
  );
  const top = fullest[0]!;
  const keys = fullest
    .slice(0, maxKeys)
    .map(({ rule, delta, record }) => ({ id: record.id, key: keyOf(rule, delta), value: record.value }));
  const message = digestHeadline(fullest);
  const body = { ...alertBody(top, context), message, digest: { alerts: findings.length, keys } };
  return alertOf(body, message, digestText(fullest, body));
}

function alertOf(body: AlertBody, title: string, text: string): Alert {
  const { id, rule, level, account, region, vpc } = body;
  const attributes = Object.entries({ rule, level, account, region, vpc }).flatMap(
    ([name, value]): [string, string][] => {
      const printed = printable(value ?? '');
      return printed === '' ? [] : [[name, printed]];
    },
  );
  const subject = subjectOf(title);
  return { id, subject, text, body: JSON.stringify(body, writeQuantities), attributes: new Map(attributes) };
}
