import { plural, printable } from '../../lambda/common/text.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import type { NamedList } from '../../lambda/rules/model.ts';
import { InputError } from '../terminal/input-error.ts';
import { loadTable } from './load/kept-load.ts';
import { type OwnRows, type OwnValue, readOwnTableFile } from './own-table-file.ts';

/** A table of the user, all texts, beside the table of flows. */
export interface OwnTable extends Pick<OwnRows, 'columns'> {
  /** May be iterated several times. */
  readonly rows: Iterable<readonly OwnValue[]>;
  /** A word for SQL, in lower case, like the names of the columns. */
  readonly name: string;
  readonly path: string;
  /** The networks of the column `network`, `cidr` or `address`, for network_of; undefined without such a column. */
  readonly networks: NamedList | undefined;
  /** What a join would miss or count twice. */
  readonly warnings: readonly string[];
}

const maxTables = 10;

/** Names of the database's tables, and the names that hunts give their own parts. */
const taken: readonly string[] = ['vpc_flow_logs', 'flows', 'unreadable_lines', 'named_networks', loadTable];

/** The columns whose networks network_of finds, the first that the table has. */
const networkColumns = ['network', 'cidr', 'address'];

/**
 * Reads the files of `--table NAME=FILE`. DuckDB never opens them by a name in a query.
 *
 * @param lists names of the rules' lists, which network_of knows already
 * @throws InputError that names the table, and what is wrong in which line
 */
export async function readOwnTables(given: readonly string[], lists: readonly string[]): Promise<OwnTable[]> {
  if (given.length > maxTables) {
    throw new InputError(`--table is invalid: got ${given.length} tables, expected at most ${maxTables}`);
  }
  const tables: OwnTable[] = [];
  for (const text of given) {
    const [, name = '', path = ''] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
    const word = name.toLowerCase();
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(word)) {
      throw new InputError(
        `--table is invalid: got ${JSON.stringify(text)}, expected a name of letters, digits and _, and a file, such as assets=assets.csv`,
      );
    }
    if ([...taken, ...lists, ...tables.map((table) => table.name)].includes(word)) {
      throw new InputError(`--table is invalid: the name ${word} is taken; choose another name`);
    }
    tables.push(await readOwnTable(word, path));
  }
  return tables;
}

async function readOwnTable(name: string, path: string): Promise<OwnTable> {
  try {
    const { columns: written, rows } = await readOwnTableFile(path);
    const columns = columnNames(written);
    return { name, path, columns, rows, ...networksOf(name, { columns, rows }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(printable(`--table ${name} is invalid: ${path}: ${reason}`));
  }
}

/** Returns the names of the columns as words of SQL: `Owner Name` becomes `owner_name`. */
function columnNames(written: readonly string[]): string[] {
  const names = written.map((text, index) => {
    const name = text
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .replace(/^(?=\d)/, '_')
      .slice(0, 63);
    if (name === '') throw new Error(`column ${index + 1} has no name of letters or digits in the header`);
    return name;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two columns have the name ${twice}; rename one of them`);
  return names;
}

function networksOf(name: string, { columns, rows }: OwnRows): Pick<OwnTable, 'networks' | 'warnings'> {
  const column = networkColumns.find((one) => columns.includes(one));
  if (column === undefined) return { networks: undefined, warnings: [] };
  const index = columns.indexOf(column);
  const seen = new Set<string>();
  let repeated: string | undefined;
  const invalid: string[] = [];
  for (const row of rows) {
    const value = row[index]!;
    if (value === null) continue;
    const network = parseNetwork(value);
    if ('problem' in network) invalid.push(network.problem);
    else if (seen.has(value)) repeated ??= value;
    else seen.add(value);
  }
  const warnings = [
    ...(invalid.length > 0
      ? [
          `--table ${name}: network_of leaves out ${plural(invalid.length, 'value')} of the column ${column}: ${invalid[0]}`,
        ]
      : []),
    ...(repeated === undefined
      ? []
      : [`--table ${name}: ${repeated} is there more than once in the column ${column}: a join repeats its flows`]),
  ];
  return {
    networks: { name, entries: [...seen], referenced: false },
    warnings: warnings.map((text) => printable(text)),
  };
}
