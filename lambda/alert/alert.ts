import { writeQuantities } from '../common/quantity.ts';
import { printable, subjectOf } from '../common/text.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import { type AlertBody, alertBody, type Context } from './alert-body.ts';
import { digestText } from './digest-mail.ts';
import { mostTellingFirst } from './digest-order.ts';
import { digestHeadline } from './headline.ts';
import { keyNames } from './key-names.ts';
import { alertText, resolutionText } from './mail.ts';
import { listAlertsCommand } from './queries.ts';

/** One alert as SNS gets it. */
export interface Alert {
  /** The same for each delivery of the alert: receivers recognize duplicates by it. */
  readonly id: string;
  /** ASCII, under 100 characters, no control characters (SNS API Reference, "Publish"). */
  readonly subject: string;
  /** The e-mail's text. */
  readonly text: string;
  /** JSON for programs: see alert/alert-body.ts. */
  readonly body: string;
  /** For filter policies: `rule`, `level`, and if known `account`, `region` and `vpc`. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Writes the alert, or the resolution notice, of a finding. */
export function writeAlert(finding: Finding, context: Context): Alert {
  const body = alertBody(finding, context);
  const text = body.ended ? resolutionText(finding, body) : alertText(finding, body, context);
  return alertOf(body, text);
}

/** The most keys in the JSON body of a digest. */
const maxKeys = 20;

/**
 * Writes one alert for many findings of one rule: the most telling alert, with the number and the keys of the others, and
 * the command that lists all.
 *
 * @param findings of one rule, at least one
 */
export function writeDigest(findings: readonly Finding[], context: Context): Alert {
  const sorted = mostTellingFirst(findings, context.insideNetworks);
  const keys = sorted.slice(0, maxKeys).map((finding) => {
    const { rule, delta, record } = finding;
    const names = keyNames(finding, context);
    return {
      id: record.id,
      key: keyOf(rule, delta),
      ...(delta.key.scope && { scope: delta.key.scope }),
      ...(names && { names }),
      value: record.value,
    };
  });
  const top = alertBody(sorted[0]!, context);
  const listCommand = top.ended ? {} : { listCommand: listAlertsCommand(top.rule) };
  const digest = { alerts: sorted.length, keys, unlisted: sorted.length - keys.length, ...listCommand };
  const body = { ...top, message: digestHeadline(sorted), digest };
  return alertOf(body, digestText(sorted, body, context.names?.time));
}

function alertOf(body: AlertBody, text: string): Alert {
  const { id, message, rule, level, account, region, vpc } = body;
  const attributes = Object.entries({ rule, level, account, region, vpc }).flatMap(
    ([name, value]): [string, string][] => {
      const printed = printable(value ?? '');
      return printed === '' ? [] : [[name, printed]];
    },
  );
  const subject = subjectOf(message);
  return { id, subject, text, body: JSON.stringify(body, writeQuantities), attributes: new Map(attributes) };
}
