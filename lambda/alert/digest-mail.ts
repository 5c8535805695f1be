import { byteSize, formatInteger, utc } from '../common/format-units.ts';
import { groupName, printable } from '../common/text.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { AlertBody, Digest } from './alert-body.ts';
import { conditionText } from './condition-text.ts';
import { digestHeadline, findingValueText } from './headline.ts';
import {
  adviceLines,
  athenaLines,
  falsePositiveLines,
  linesOf,
  newAlertText,
  nextAlertText,
  noLongerMet,
  rowLines,
  silenceLines,
  timeRows,
} from './mail.ts';
import { listAlertsCommand } from './queries.ts';

/** The most keys of a digest in its e-mail; the JSON body has more, and a command lists all. */
const maxListedKeys = 10;

/** The JSON body of an alert that is a digest. */
type DigestBody = AlertBody & { readonly digest: Digest };

/**
 * Writes the e-mail of a digest of alerts, or of resolution notices, in fewer than 40 lines.
 *
 * @param findings of one rule, the most telling first: see digest-order.ts
 * @param body the JSON body of the digest
 * @param namesTime the time of the names in epoch seconds; undefined without names
 */
export function digestText(findings: readonly Finding[], body: DigestBody, namesTime: number | undefined): string {
  const [top] = findings as [Finding];
  return top.record.multiple === resolutionMultiple
    ? resolutionDigest(findings, top, body)
    : alertDigest(findings, top, body, namesTime);
}

function alertDigest(
  findings: readonly Finding[],
  top: Finding,
  body: DigestBody,
  namesTime: number | undefined,
): string {
  const { rule, record } = top;
  return linesOf(
    digestHeadline(findings),
    '',
    ...(rule.description === '' ? [] : [printable(rule.description), '']),
    `Why: ${conditionText(rule)}, ${formatInteger(findings.length)} times in one batch. First those with accepted traffic, then sources inside, then the largest:`,
    ...keyLines(findings, body.digest, (finding) => `: ${findingValueText(finding)}${totalsText(finding)}`),
    '',
    'Times of the first',
    ...rowLines([...timeRows(body), ['Names as of', namesTime !== undefined && `${utc(namesTime)} UTC`]]),
    '',
    ...adviceLines(top),
    ...listLines(findings, top),
    ...athenaLines(top, body, ' of the first'),
    ...silenceLines(top, body, 'the first'),
    '',
    ...falsePositiveLines(top),
    `Rule ${printable(rule.name)}, alert ${record.id}.`,
    nextAlertText(top),
  );
}

function resolutionDigest(findings: readonly Finding[], top: Finding, body: DigestBody): string {
  return linesOf(
    digestHeadline(findings),
    '',
    noLongerMet(top),
    ...keyLines(findings, body.digest),
    '',
    `Rule ${printable(top.rule.name)}, alert ${top.record.id}.`,
    newAlertText,
  );
}

/** Returns the command that lists all alerts, if the e-mail does not name all. */
function listLines(findings: readonly Finding[], { rule }: Finding): string[] {
  if (findings.length <= maxListedKeys) return [];
  return [`- To list all ${formatInteger(findings.length)} while they are live: ${listAlertsCommand(rule.name)}`];
}

/** Returns what was accepted and rejected of a pair that has both, since its first flow. */
function totalsText({ counter: { bytes, rejects } }: Finding): string {
  return bytes > 0 && rejects > 0 ? ` (in all ${byteSize(bytes)} accepted, ${formatInteger(rejects)} rejected)` : '';
}

/** Returns a line for each of the first keys, with the names that the digest has of them, and the number of the others. */
function keyLines(
  findings: readonly Finding[],
  { keys }: Digest,
  suffix: (finding: Finding) => string = () => '',
): string[] {
  const listed = findings.slice(0, maxListedKeys);
  const more = findings.length - listed.length;
  return [
    ...listed.map((finding, index) => `- ${nameOf(finding)}${knownText(keys[index]?.names)}${suffix(finding)}`),
    ...(more > 0 ? [`- and ${formatInteger(more)} more`] : []),
  ];
}

/** Returns the names of the key's addresses: ` (web-1, api)`. */
function knownText(names: Readonly<Record<string, string>> = {}): string {
  const known = Object.values(names);
  return known.length === 0 ? '' : ` (${known.map(printable).join(', ')})`;
}

function nameOf({ rule, delta }: Finding): string {
  return groupName(keyOf(rule, delta), delta.key.scope);
}
