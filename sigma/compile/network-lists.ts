import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';
import { checkEntry, type PackedEntry, packEntry, unpackEntry } from '../../lambda/networks/network-entry.ts';
import { readNetworkFile } from '../../lambda/networks/network-file.ts';
import type { NamedList } from '../../lambda/rules/model.ts';
import { parseS3Url, s3Url } from '../../lambda/rules/s3-url.ts';
import { checkShape, readDocuments, type SourceDocument, type SourceFile } from '../parse/yaml-document.ts';
import { parseMonitoredNetwork } from './monitored-network.ts';
import type { NetworkLists, ValueList } from './selection.ts';

/**
 * The list of the networks whose flows are logged at both endpoints. It decides which flows are counted: see
 * isDuplicateObservation.
 */
export const monitoredListName = 'monitored_networks';

/** The lists that decide more than what rules compare. */
const ofNetworks = [monitoredListName, 'internal_networks'];

const listsShape = z.record(
  z.string().regex(/^[A-Za-z]\w*$/, 'the name of a list must begin with a letter and have only letters, digits and _'),
  z.union(
    [z.array(z.unknown()), z.record(z.string(), z.unknown())],
    'expected a list of networks, or a map with file, s3 or values',
  ),
);

const entryShape = z.strictObject(
  { network: z.string(), label: z.string().optional(), reason: z.string().optional(), expires: z.string().optional() },
  { error: ({ code }) => (code === 'invalid_type' ? 'expected a network, or a map with the key network' : undefined) },
);

const sourceShape = z
  .strictObject({
    file: z.string().min(1).optional(),
    s3: z.string().regex(s3Url, 'expected an object such as s3://bucket/path/list.csv').optional(),
  })
  .refine(({ file, s3 }) => file !== undefined || s3 !== undefined, 'expected file or s3');

/** The most values of a list: they are compiled into rules. There are 249 countries. */
const maxValues = 10_000;

const valuesShape = z.strictObject({
  values: z
    .array(z.string('expected text; put a number in quotes').regex(/^\S{1,256}$/, 'expected text without white space'))
    .min(1, 'the list has no values')
    .max(maxValues, `expected at most ${maxValues} values`),
});

/**
 * Reads the file of named lists: for each name, a list of networks, the file or S3 object that has it, or other values.
 *
 * @param readFile reads a file that a list names, by its path relative to the file of named networks
 * @throws FlowError `RULE_INVALID` with one problem a line, as `file:line: text`; of a file with many unreadable lines,
 * the first ones and the number of the others, without their content
 */
export function readNetworkLists(
  file: SourceFile,
  readFile: (path: string) => SourceFile | { readonly problem: string },
): NetworkLists {
  const { documents, problems } = readDocuments(file);
  const lists = new Map<string, NamedList | ValueList>();
  for (const document of documents) {
    for (const [name, value] of Object.entries(checkShape(document, listsShape, problems) ?? {})) {
      if (lists.has(name)) problems.push(document.problem([name], `the list ${name} is defined twice`));
      const part = partOf(document, name, value);
      if (!Array.isArray(value) && 'values' in value) {
        if (ofNetworks.includes(name)) problems.push(part.problem(['values'], `${name} must be a list of networks`));
        lists.set(name, { name, values: checkShape(part, valuesShape, problems)?.values ?? [] });
        continue;
      }
      const list = Array.isArray(value)
        ? inlineList(name, part, value, problems)
        : listFrom(name, part, readFile, problems);
      lists.set(name, list);
      if (name === monitoredListName && list.referenced)
        problems.push(
          part.problem([], `${name} must list its networks here, without expires: it decides which flows are counted`),
        );
      if (name === monitoredListName) problems.push(...tooWideProblems(part, list));
    }
  }
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return lists;
}

/** Returns the problem of each monitored network that is too wide. */
function tooWideProblems(part: SourceDocument, { entries }: NamedList): string[] {
  const networks = entries.map((entry) => parseMonitoredNetwork(unpackEntry(entry).network));
  return networks.flatMap((network, index) => ('problem' in network ? part.problem([index], network.problem) : []));
}

/** Returns the part of a document at a key or an index. */
function partOf(document: SourceDocument, key: string | number, value: unknown): SourceDocument {
  return { file: document.file, value, problem: (path, text) => document.problem([key, ...path], text) };
}

function inlineList(name: string, part: SourceDocument, values: readonly unknown[], problems: string[]): NamedList {
  const entries = values.flatMap((value, index) => {
    const item = partOf(part, index, value);
    const written = typeof value === 'string' ? { network: value } : checkShape(item, entryShape, problems);
    const entry = written && checkEntry(written);
    if (!entry) return [];
    if (!('problem' in entry)) return [entry];
    problems.push(item.problem([], entry.problem));
    return [];
  });
  return {
    name,
    entries: entries.map(packEntry),
    referenced: entries.some(({ expires }) => expires !== undefined),
  };
}

function listFrom(
  name: string,
  part: SourceDocument,
  readFile: (path: string) => SourceFile | { readonly problem: string },
  problems: string[],
): NamedList {
  const source = checkShape(part, sourceShape, problems);
  const found = source?.file === undefined ? undefined : readFile(source.file);
  if (found && 'problem' in found) problems.push(part.problem(['file'], found.problem));
  const entries = found && 'text' in found ? fileEntries(found, problems) : [];
  const s3 = source?.s3 === undefined ? undefined : parseS3Url(source.s3);
  return { name, entries, referenced: true, ...(s3 && { s3 }) };
}

function fileEntries(file: SourceFile, problems: string[]): PackedEntry[] {
  const { entries, unreadable, problems: first } = readNetworkFile(file.text);
  for (const { line, problem } of first) problems.push(`${file.path}:${line}: ${problem}`);
  const others = unreadable - first.length;
  if (others > 0) problems.push(`${file.path}: ${others} more lines are unreadable`);
  if (entries.length + unreadable === 0) problems.push(`${file.path}:1: the list has no networks`);
  return entries.map(packEntry);
}
