import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { defaultRulesDirectory, networksName, shownPath } from '../../sigma/rule-directory.ts';
import { InputError } from '../terminal/input-error.ts';

/**
 * Writes a rule and its examples to begin with. Both run as they are; the examples fail until they are written.
 *
 * @param today in UTC, such as `2026-12-31`
 * @throws InputError when the name is none, or a file is there already
 */
export function newRule(name: string, { rules = defaultRulesDirectory }: { rules?: string }, today: string): void {
  if (!/^\w[\w-]{0,63}$/.test(name)) {
    throw new InputError(`a rule is named by up to 64 letters, digits, _ and -, got ${JSON.stringify(name)}`);
  }
  if (`${name}.yml` === networksName) {
    throw new InputError(`${networksName} is the file of named networks, expected another name`);
  }
  const files = [
    [join(rules, `${name}.yml`), ruleText(name, today)],
    [join(rules, 'examples', `${name}.yml`), examplesText],
  ] as const;
  const there = [...files.map(([path]) => path), join(rules, `${name}.yaml`)].filter(existsSync);
  if (there.length > 0) throw new InputError(`${shownPath(there[0]!)} is there already, and is left as it is`);
  writeAll(files);
  const [rule, examples] = files.map(([path]) => shownPath(path));
  const where = rules === defaultRulesDirectory ? '' : ` --rules ${shellQuote(rules)}`;
  process.stdout.write(
    `Wrote ${rule} and ${examples}. Each TODO says what is to be written there; then run\n` +
      `  npm run -s rules -- test ${name}${where}\n`,
  );
}

/** All of the files, or none. */
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

/** Writes a file, with the directory that it is in (but not those above it), unless it is there. */
export function writeNew(path: string, text: string): void {
  const directory = dirname(path);
  try {
    if (!existsSync(directory)) mkdirSync(directory);
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new InputError(`${path} cannot be written: ${messageOf(error)}`);
  }
}

function ruleText(name: string, today: string): string {
  return `title: "TODO: which flows, in a few words"
name: ${name}_flow
logsource:
  product: aws
  service: vpcflow
detection:
  # TODO: which flows. Fields are those of flow logs: docs/rules/writing-rules.md, "Detection".
  selection:
    action: REJECT
    dstport: [3306, 5432]
  from_inside:
    srcaddr|cidr|expand: "%internal_networks%"
  condition: selection and not from_inside
---
title: "TODO: what has happened when this alerts"
id: ${randomUUID()}
# It counts, and pages nobody, until this is test or stable.
status: experimental
description: >
  TODO: who did what, and why it matters.
date: ${today}
tags: [] # TODO: such as attack.t1046
falsepositives:
  - "TODO: when it is harmless"
level: medium
correlation:
  # TODO: how many of them, in which time, together by what: docs/rules/writing-rules.md, "Correlation".
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
    - "TODO: what to look at first"
`;
}

const examplesText = `# What must alert and what must not: docs/rules/writing-rules.md, "Examples". An example fails as long as its name starts with TODO.
alerts:
  - name: "TODO: flows that reach the threshold"
    flows:
      - { srcaddr: 198.18.7.7, dstaddr: 10.0.2.7, dstport: 5432, action: REJECT, repeat: 5, every: 10m }
    keys: [{ srcaddr: 198.18.7.7, dstaddr: 10.0.2.7 }]
silent:
  - name: "TODO: flows that stay just below it"
    flows:
      - { srcaddr: 198.18.7.7, dstaddr: 10.0.2.7, dstport: 5432, action: REJECT, repeat: 4, every: 10m }
  - name: "TODO: what looks like it and is harmless"
    flows:
      - { srcaddr: 10.0.1.5, dstaddr: 10.0.2.7, dstport: 5432, action: REJECT, repeat: 50, every: 1m }
`;
