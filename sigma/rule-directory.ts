import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FlowError, messageOf } from '../lambda/common/errors.ts';
import type { RuleSet } from '../lambda/rules/model.ts';
import { type CompileOptions, compileRules } from './compile/compile-rules.ts';
import { readNetworkLists } from './compile/network-lists.ts';
import type { NetworkLists } from './compile/selection.ts';
import { defaultRulesDirectory, networksName } from './default-rules.ts';
import { readListFile } from './list-file.ts';
import type { SourceFile } from './parse/yaml-document.ts';

/**
 * Compiles the Sigma rule files of a directory: `*.yml` and `*.yaml`. Runs at synth and on the laptop; the function is
 * deployed with the result.
 *
 * @param networksFile the file of named networks (default: `networks.yml` in the directory, or the one that comes with
 * the program). The lists that it names are files below its folder
 * @throws FlowError `RULE_INVALID` with one problem a line
 */
export function compileRuleDirectory(
  directory: string = defaultRulesDirectory,
  networksFile?: string,
  options?: CompileOptions,
): RuleSet {
  return compileRuleFiles(readRuleFiles(directory), directory, networksFile, options);
}

/** Compiles the files of a directory that readRuleFiles has read: see compileRuleDirectory. */
export function compileRuleFiles(
  files: readonly SourceFile[],
  directory: string,
  networksFile?: string,
  options?: CompileOptions,
): RuleSet {
  return compileRules(files, readLists(networksPath(directory, networksFile)), options);
}

/**
 * Compiles the named networks and the monitored networks, for commands that evaluate no rules.
 *
 * @param networksFile the file of named networks (default: the one that comes with the program)
 * @throws FlowError `RULE_INVALID` with one problem a line
 */
export function compileNetworks(
  networksFile: string = networksPath(defaultRulesDirectory, undefined),
): Pick<RuleSet, 'lists' | 'monitoredNetworks'> {
  return compileRules([], readLists(networksFile));
}

/**
 * Reads the rule files of a directory, in the order of their names. Files whose names begin with a dot are ignored.
 *
 * @throws FlowError `RULE_INVALID` without rule files, or with one unreadable file a line
 */
export function readRuleFiles(directory: string): SourceFile[] {
  const names = filesOf(directory).filter((name) => isYamlFile(name) && name !== networksName);
  if (names.length === 0)
    throw new FlowError('RULE_INVALID', `${directory} has no rules, expected files that end in .yml`);
  if (names.includes('networks.yaml'))
    throw new FlowError(
      'RULE_INVALID',
      `${join(directory, 'networks.yaml')} is not supported; rename it to ${networksName}`,
    );
  const read = names.sort().map((name) => tryRead(join(directory, name)));
  const problems = read.flatMap((file) => ('problem' in file ? [file.problem] : []));
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return read.flatMap((file) => ('problem' in file ? [] : [file]));
}

/** Returns whether a file has rules or examples, by its name. */
export function isYamlFile(name: string): boolean {
  return /^[^.].*\.ya?ml$/i.test(name);
}

/** Reads the file of named networks of a directory of rules: see `compileRuleDirectory`. */
export function readNetworksFile(directory: string, networksFile?: string): SourceFile {
  return readTextFile(networksPath(directory, networksFile));
}

function networksPath(directory: string, networksFile: string | undefined): string {
  const path = join(directory, networksName);
  return networksFile ?? (existsSync(path) ? path : join(defaultRulesDirectory, networksName));
}

function readLists(networks: string): NetworkLists {
  const folder = dirname(networks);
  return readNetworkLists(readTextFile(networks), (path) =>
    tryRead(resolve(folder, path), (file) => readListFile(folder, file)),
  );
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new FlowError('RULE_INVALID', `the rules cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Reads a text file in UTF-8, with or without a byte order mark.
 *
 * @throws FlowError `RULE_INVALID` for a missing file, or one that is not text
 */
export function readTextFile(path: string): SourceFile {
  const read = tryRead(path);
  if ('problem' in read) throw new FlowError('RULE_INVALID', read.problem);
  return read;
}

function tryRead(
  path: string,
  read: (path: string) => Uint8Array = (file) => readListFile(dirname(file), file),
): SourceFile | { readonly problem: string } {
  try {
    return { path: shownPath(path), text: new TextDecoder('utf-8', { fatal: true }).decode(read(path)) };
  } catch (error) {
    const isNotText =
      error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    const reason = isNotText ? 'it is not UTF-8 text; decompress a compressed file' : messageOf(error);
    return { problem: `${shownPath(path)} cannot be read: ${reason}` };
  }
}

/** Returns a path for messages: relative to the working directory; absolute for a path outside it. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? resolve(path) : fromHere;
}
