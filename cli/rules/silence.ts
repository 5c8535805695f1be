import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { endOfDay } from '../../lambda/common/calendar.ts';
import { isTagField, readableValue } from '../../lambda/common/tag-text.ts';
import { enumerated, printable } from '../../lambda/common/text.ts';
import { canonicalValue, expectedForm } from '../../lambda/flow-log/field-value.ts';
import { kindOf } from '../../lambda/flow-log/region-fields.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import { fieldNamed, protocolNumber } from '../../sigma/compile/taxonomy.ts';
import { outlinesOf } from '../../sigma/lint/outline.ts';
import { ruleNameOf } from '../../sigma/parse/yaml-document.ts';
import { readRuleFiles, shownPath } from '../../sigma/rule-directory.ts';
import { InputError } from '../terminal/input-error.ts';
import { directoryOf } from './load-rules.ts';
import { writeNew } from './new.ts';

/** The options of `rules silence`. */
export interface SilenceOptions {
  readonly rules?: string;
  readonly reason: string;
  /** The last day, in UTC, such as `2026-12-31` (default: no end). */
  readonly until?: string;
}

/** The limits of a filter's reason and title: sigma/parse/schema.ts. */
const maxReasonLength = 500;
const maxTitleLength = 256;

/**
 * Writes a Sigma filter that excludes flows from a rule: flows with one of the given values in each given field.
 *
 * @param today in UTC, such as `2026-12-31`
 * @throws InputError for an unknown rule, or an invalid field, value, reason or day
 */
export function silenceRule(name: string, pairs: readonly string[], options: SilenceOptions, today: string): void {
  const { reason, until } = options;
  const directory = directoryOf(options);
  const files = readRuleFiles(directory);
  const outlines = outlinesOf(files).filter(({ kind }) => kind !== 'filter');
  const isKnown = outlines.some((outline) => ruleNameOf(outline.file) === name || outline.name === name);
  if (!isKnown || !/^[\w.-]{1,64}$/.test(name)) {
    const known = [...new Set(outlines.map(({ file }) => ruleNameOf(file)))].join(', ');
    throw new InputError(`unknown rule: ${name}, expected one of ${known}`);
  }
  if (reason.trim() === '' || reason.length > maxReasonLength) {
    throw new InputError(`--reason is invalid: expected a sentence of up to ${maxReasonLength} characters`);
  }
  if (until !== undefined) checkDay(until, today);
  const values = valuesByField(pairs);
  const flows = [...values].map(([field, all]) => `${field} ${enumerated(all, 'or')}`).join(', ');
  const title = printable(`Flows with ${flows} excluded from ${name}`);
  const filter = {
    title: title.length <= maxTitleLength ? title : `${title.slice(0, maxTitleLength - 3)}...`,
    logsource: { product: 'aws', service: 'vpcflow' },
    filter: { rules: [name], selection: selectionOf(values), condition: 'not selection' },
    allow: { reason: printable(reason), ...(until !== undefined && { expires: until }) },
  };
  const path = unusedPath(directory, name);
  writeNew(path, stringify(filter, { lineWidth: 120 }));
  process.stdout.write(
    [
      `Wrote ${shownPath(path)}: ${name} no longer counts flows with ${printable(flows)}${until === undefined ? '' : `, until the end of ${until} in UTC`}.`,
      'These flows are still counted per pair, stored in the lake and evaluated by other rules.',
      'The filter takes effect with the next deployment, which restarts the counts of the rule. To undo it, remove the file.',
      '',
    ].join('\n'),
  );
}

function checkDay(until: string, today: string): void {
  if (endOfDay(until) === undefined)
    throw new InputError(`--until is invalid: got ${JSON.stringify(until)}, expected a day such as 2026-12-31`);
  if (until < today) throw new InputError(`--until is invalid: got ${until}, expected today, ${today}, or a later day`);
}

/** Parses `field=value` pairs. @returns the values of each field, in their order */
function valuesByField(pairs: readonly string[]): Map<string, string[]> {
  const problems: string[] = [];
  const values = new Map<string, string[]>();
  for (const pair of pairs) {
    const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      problems.push(`${JSON.stringify(pair)} is invalid: expected field=value`);
      continue;
    }
    const checked = checkedPair(name, value);
    if ('problem' in checked) problems.push(`${pair}: ${checked.problem}`);
    else values.set(checked.field, [...(values.get(checked.field) ?? []), checked.value]);
  }
  if (problems.length > 0) throw new InputError(problems.join('; '));
  return values;
}

/** Checks a field and its value, and returns both in the spelling of flow logs. */
function checkedPair(name: string, value: string): { field: string; value: string } | { problem: string } {
  const field = fieldNamed(name);
  if (typeof field !== 'string') return field;
  const kind = kindOf(field)!;
  if (kind === 'address' && value.includes('/')) {
    const network = parseNetwork(value);
    return 'problem' in network ? network : { field, value };
  }
  // A filter has the plain text of a tag; a key of an alert has it as logged.
  const text = field === 'protocol' ? (protocolNumber(value) ?? value) : readableValue(field, value);
  const isInvalid = /^\s*$|^-$/.test(text) || (!isTagField(field) && /\s/.test(text));
  const checked = isInvalid ? undefined : canonicalValue(text, kind);
  return checked === undefined
    ? { problem: `expected ${kind === 'address' ? 'an address or a network such as 10.0.0.0/8' : expectedForm(kind)}` }
    : { field, value: checked };
}

/** Returns a selection: addresses with a network among them use `cidr`; wildcards in text are escaped. */
function selectionOf(values: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  const entries = [...values].map(([field, all]): [string, unknown] => {
    const kind = kindOf(field)!;
    const written = all.map((value) => {
      if (kind === 'string') return value.replace(/[\\*?]/g, '\\$&');
      return /^\d{1,15}$/.test(value) ? Number(value) : value;
    });
    const hasNetwork = kind === 'address' && all.some((value) => value.includes('/'));
    return [hasNetwork ? `${field}|cidr` : field, written.length === 1 ? written[0] : written];
  });
  return Object.fromEntries(entries);
}

/** Returns the first path for a filter of the rule that does not exist. */
function unusedPath(directory: string, name: string): string {
  for (let number = 1; ; number += 1) {
    const path = join(directory, `filter_${name}_${number}.yml`);
    if (!existsSync(path)) return path;
  }
}
