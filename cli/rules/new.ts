import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { defaultRulesDirectory, networksName } from '../../sigma/default-rules.ts';
import { shownPath } from '../../sigma/rule-directory.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';
import { examplesText, ruleText, type TemplateType } from './rule-template.ts';

/** Options of the command. */
export interface NewRuleOptions {
  readonly rules?: string;
  /** The type of the correlation (default: event_count). */
  readonly type?: TemplateType;
}

/**
 * Writes a template of a rule and of its examples. The rule is valid; the examples fail until their TODOs are done.
 *
 * @param today in UTC, such as `2026-12-31`
 * @throws InputError for an invalid name, or an existing file
 */
export function newRule(
  name: string,
  { rules = defaultRulesDirectory, type = 'event_count' }: NewRuleOptions,
  today: string,
): void {
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
    [join(rules, `${name}.yml`), ruleText(name, type, today)],
    [join(rules, 'examples', `${name}.yml`), examplesText(type)],
  ] as const;
  const existing = [...files.map(([path]) => path), join(rules, `${name}.yaml`)].filter(existsSync);
  if (existing.length > 0) {
    throw new InputError(`${shownPath(existing[0]!)} exists already and was not changed; choose another name`);
  }
  writeAll(files);
  const [rule, examples] = files.map(([path]) => shownPath(path));
  const option = rules === defaultRulesDirectory ? '' : ` --rules ${shellQuote(rules)}`;
  process.stdout.write(
    `Wrote ${rule} and ${examples}. Complete each TODO, then run\n  npx flow-sentinel rules test ${name}${option}\n`,
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
