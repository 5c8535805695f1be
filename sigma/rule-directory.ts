import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FlowError, messageOf } from '../lambda/common/errors.ts';
import type { RuleSet } from '../lambda/rules/model.ts';
import { compileRules } from './compile/compile-rules.ts';
import { readNetworkLists } from './compile/network-lists.ts';
import type { NetworkLists } from './compile/selection.ts';
import type { SourceFile } from './parse/yaml-document.ts';

/** The file of named networks beside rules. */
export const networksName = 'networks.yml';

/** Where the rules that come with the program are. */
export const defaultRulesDirectory = join(import.meta.dirname, '../rules');

/**
 * Compiles a directory of Sigma rule files, each `*.yml` and `*.yaml` in it. This runs at synth and on the laptop; the
 * function gets the result.
 *
 * @param networksFile the file of named networks; by default `networks.yml` in the directory, else the one that comes
 * with the program. Files that it names are looked for from where it is
 * @param thresholds see compileRules
 * @throws FlowError `RULE_INVALID` with each problem on a line of its own
 */
export function compileRuleDirectory(
  directory: string = defaultRulesDirectory,
  networksFile?: string,
  thresholds?: ReadonlyMap<string, number>,
): RuleSet {
  return compileRules(readRuleFiles(directory), readLists(networksPath(directory, networksFile)), thresholds);
}

/**
 * The named networks alone, with what they say of counting, for what judges by no rule.
 *
 * @param networksFile the file of named networks; by default the one that comes with the program
 * @throws FlowError `RULE_INVALID` with each problem on a line of its own
 */
export function compileNetworks(
  networksFile: string = networksPath(defaultRulesDirectory, undefined),
): Pick<RuleSet, 'lists' | 'monitoredNetworks'> {
  return compileRules([], readLists(networksFile));
}

/**
 * The rule files of a directory, in the order of their names. What editors and systems put beside them is hidden, by a dot.
 *
 * @throws FlowError `RULE_INVALID` when there is none, or with each that cannot be read on a line of its own
 */
export function readRuleFiles(directory: string): SourceFile[] {
  const names = listed(directory).filter((name) => isYamlFile(name) && name !== networksName);
  if (names.length === 0)
    throw new FlowError('RULE_INVALID', `${directory} holds no rule, expected files that end in .yml`);
  if (names.includes('networks.yaml'))
    throw new FlowError('RULE_INVALID', `${join(directory, 'networks.yaml')} is no rule; rename it to ${networksName}`);
  const read = names.sort().map((name) => attempt(join(directory, name)));
  const problems = read.flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return read.flatMap((one) => ('problem' in one ? [] : [one]));
}

/** Whether a file is one of those that people write rules, or their examples, in. */
export function isYamlFile(name: string): boolean {
  return /^[^.].*\.ya?ml$/i.test(name);
}

/** The file of named networks that a directory's rules are compiled with: see `compileRuleDirectory`. */
export function readNetworksFile(directory: string, networksFile?: string): SourceFile {
  return readSource(networksPath(directory, networksFile));
}

function networksPath(directory: string, networksFile: string | undefined): string {
  const own = join(directory, networksName);
  return networksFile ?? (existsSync(own) ? own : join(defaultRulesDirectory, networksName));
}

function readLists(networks: string): NetworkLists {
  return readNetworkLists(readSource(networks), (path) => attempt(resolve(dirname(networks), path)));
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new FlowError('RULE_INVALID', `the rules cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Reads a file that people write: text in UTF-8, with or without a byte order mark.
 *
 * @throws FlowError `RULE_INVALID` when it is not there, or no text
 */
export function readSource(path: string): SourceFile {
  const read = attempt(path);
  if ('problem' in read) throw new FlowError('RULE_INVALID', read.problem);
  return read;
}

function attempt(path: string): SourceFile | { readonly problem: string } {
  try {
    return { path: shownPath(path), text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    const isNoText =
      error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    const reason = isNoText ? 'it is no text in UTF-8; a compressed file is none' : messageOf(error);
    return { problem: `${shownPath(path)} cannot be read: ${reason}` };
  }
}

/** A path as messages show it: from the working directory where it lies within, else whole. */
export function shownPath(path: string): string {
  const seen = relative(process.cwd(), path);
  return seen === '' || seen.startsWith('..') ? resolve(path) : seen;
}
