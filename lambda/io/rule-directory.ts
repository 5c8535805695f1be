import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FlowError, messageOf } from '../errors.ts';
import { compileRules } from '../sigma/compile.ts';
import type { RuleSet } from '../sigma/compiled.ts';
import { readNetworkLists } from '../sigma/network-lists.ts';
import type { SourceFile } from '../sigma/source.ts';

const networksName = 'networks.yml';

/** Where the rules that come with the program are. */
export const defaultRulesDirectory = join(import.meta.dirname, '../../rules');

/**
 * Compiles a directory of Sigma rule files, each `*.yml` and `*.yaml` in it. This runs at synth and on the laptop; the
 * function gets the result.
 *
 * @param networksFile the file of named networks; by default `networks.yml` in the directory, else the one that comes
 * with the program. Files that it names are looked for from where it is
 * @throws FlowError `RULE_INVALID` with each problem on a line of its own
 */
export function compileRuleDirectory(directory: string = defaultRulesDirectory, networksFile?: string): RuleSet {
  const networks = networksPath(directory, networksFile);
  const lists = readNetworkLists(read(networks), (path) => readBeside(networks, path));
  return compileRules(readRuleFiles(directory), lists);
}

/**
 * The rule files of a directory, in the order of their names.
 *
 * @throws FlowError `RULE_INVALID` when there is none, or one cannot be read
 */
export function readRuleFiles(directory: string): SourceFile[] {
  const names = listed(directory).filter((name) => /\.ya?ml$/i.test(name) && name !== networksName);
  if (names.length === 0)
    throw new FlowError('RULE_INVALID', `${directory} holds no rule, expected files that end in .yml`);
  return names.sort().map((name) => read(join(directory, name)));
}

/** The file of named networks that a directory's rules are compiled with: see `compileRuleDirectory`. */
export function readNetworksFile(directory: string, networksFile?: string): SourceFile {
  return read(networksPath(directory, networksFile));
}

function networksPath(directory: string, networksFile: string | undefined): string {
  const own = join(directory, networksName);
  return networksFile ?? (existsSync(own) ? own : join(defaultRulesDirectory, networksName));
}

function readBeside(file: string, path: string): SourceFile | { problem: string } {
  try {
    return read(resolve(dirname(file), path));
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new FlowError('RULE_INVALID', `the rules cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function read(path: string): SourceFile {
  try {
    return { path: shownPath(path), text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new FlowError('RULE_INVALID', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A path as messages show it: from the working directory where it lies within, else whole. */
export function shownPath(path: string): string {
  const seen = relative(process.cwd(), path);
  return seen === '' || seen.startsWith('..') ? resolve(path) : seen;
}
