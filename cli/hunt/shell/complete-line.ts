import { fields } from '../../../lambda/flow-log/fields.ts';
import { hunts } from '../../../lib/queries/hunts/hunts.ts';
import { shellCommands } from './shell-command.ts';

/** The names of a session that a line can have. */
export interface SessionNames {
  /** Names of tables and columns. */
  readonly tables: readonly string[];
  /** Names of lists of networks. */
  readonly lists: readonly string[];
}

const functions = ['in_network', 'network_of', 'from_unixtime', 'count', 'sum', 'min', 'max', 'avg'];

const keywords =
  'SELECT FROM WHERE GROUP BY ORDER BY HAVING LIMIT DISTINCT JOIN LEFT ON AS AND OR NOT IN LIKE BETWEEN IS NULL CASE WHEN THEN ELSE END DESC ASC ALL WITH EXPLAIN DESCRIBE SUMMARIZE'.split(
    ' ',
  );

/**
 * Completes the last word of a line, for readline: commands, ready hunts, fields, tables, lists, functions and keywords.
 *
 * @returns the words that begin with it, in any case, and the word
 */
export function completeLine(line: string, { tables, lists }: SessionNames): [string[], string] {
  const [word = ''] = /[\w.-]*$/.exec(line) ?? [];
  if (/^\s*\.\w*$/.test(line)) return matches(Object.keys(shellCommands).map(firstWord), word);
  if (/^\s*\.hunt\s+\S*$/.test(line))
    return matches(
      hunts.map(({ name }) => name),
      word,
    );
  // A column may follow the name of its table.
  const part = word.slice(word.lastIndexOf('.') + 1);
  if (part === '') return [[], part];
  const names = [...fields.keys()].flatMap((name) => [name.replaceAll('-', '_'), name]);
  return matches([...names, 'day', 'counted', ...tables, ...lists, ...functions, ...keywords], part);
}

function firstWord(usage: string): string {
  return usage.split(' ')[0]!;
}

function matches(words: readonly string[], begin: string): [string[], string] {
  const found = words.filter((word) => word.toLowerCase().startsWith(begin.toLowerCase()));
  return [[...new Set(found)], begin];
}
