import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { defaultRulesDirectory, networksName, shownPath } from '../../sigma/rule-directory.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';

/**
 * Writes a template of a rule and of its examples. The rule is valid; the examples fail until their TODOs are done.
 *
 * @param today in UTC, such as `2026-12-31`
 * @throws InputError for an invalid name, or an existing file
 */
export function newRule(name: string, { rules = defaultRulesDirectory }: { rules?: string }, today: string): void {
  if (!/^\w[\w-]{0,63}$/.test(name)) {
    throw new InputError(
      `the rule name ${JSON.stringify(name)} is invalid: expected up to 64 letters, digits, _ and -`,
    );
  }
  if (`${name}.yml` === networksName) {
    throw new InputError(
      `the rule name ${name} is invalid: ${networksName} is the file of named networks; choose another name`,
    );
  }
  const files = [
    [join(rules, `${name}.yml`), ruleText(name, today)],
    [join(rules, 'examples', `${name}.yml`), examplesText],
  ] as const;
  const existing = [...files.map(([path]) => path), join(rules, `${name}.yaml`)].filter(existsSync);
  if (existing.length > 0) {
    throw new InputError(`${shownPath(existing[0]!)} exists already and was not changed; choose another name`);
  }
  writeAll(files);
  const [rule, examples] = files.map(([path]) => shownPath(path));
  const option = rules === defaultRulesDirectory ? '' : ` --rules ${shellQuote(rules)}`;
  process.stdout.write(
    `Wrote ${rule} and ${examples}. Complete each TODO, then run\n` + `  npm run -s rules -- test ${name}${option}\n`,
  );
}

/** Writes all files, or none. */
function writeAll(files: readonly (readonly [path: string, text: string])[]): void {
  const written: string[] = [];
  try {
    for (const [path, text] of files) {
      writeNew(path, text);
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(path);
    throw error;
  }
}

/** Writes a new file, and its directory if missing, but no directory above. @throws InputError for an existing file */
export function writeNew(path: string, text: string): void {
  const directory = dirname(path);
  try {
    if (!existsSync(directory)) mkdirSync(directory);
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new InputError(`${path} cannot be written: ${fileErrorText(error)}`);
  }
}

function ruleText(name: string, today: string): string {
  return `title: "TODO: which flows, in a few words"
name: ${name}_flow
logsource:
  product: aws
  service: vpcflow
detection:
  # TODO: select the flows. Fields are those of flow logs: docs/rules/writing-rules.md, "Detection".
  selection:
    action: REJECT
    dstport: [3306, 5432]
  from_inside:
    srcaddr|cidr|expand: "%internal_networks%"
  condition: selection and not from_inside
---
title: "TODO: the event that an alert reports"
id: ${randomUUID()}
# An experimental rule counts, but sends no notifications. Set test or stable to send them.
status: experimental
description: >
  TODO: who does what, and why it matters.
date: ${today}
tags: [] # TODO: MITRE ATT&CK techniques, such as attack.t1046
falsepositives:
  - "TODO: harmless causes"
level: medium
correlation:
  # TODO: set the number of flows, the time and the grouping: docs/rules/writing-rules.md, "Correlation".
  type: event_count
  rules: [${name}_flow]
  group-by: [srcaddr, dstaddr]
  timespan: 1h
  condition:
    gte: 5
alert:
  suppress: 6h
  escalate: [2, 10]
  next:
    - "TODO: the first step of an investigation"
`;
}

const examplesText = `# Flows that must and must not alert: docs/rules/writing-rules.md, "Examples". An example fails while its name begins with TODO.
alerts:
  - name: "TODO: flows that reach the threshold"
    flows:
      - { srcaddr: 198.18.7.7, dstaddr: 10.0.2.7, dstport: 5432, action: REJECT, repeat: 5, every: 10m }
    keys: [{ srcaddr: 198.18.7.7, dstaddr: 10.0.2.7 }]
silent:
  - name: "TODO: flows just below the threshold"
    flows:
      - { srcaddr: 198.18.7.7, dstaddr: 10.0.2.7, dstport: 5432, action: REJECT, repeat: 4, every: 10m }
  - name: "TODO: similar but harmless flows"
    flows:
      - { srcaddr: 10.0.1.5, dstaddr: 10.0.2.7, dstport: 5432, action: REJECT, repeat: 50, every: 1m }
`;
