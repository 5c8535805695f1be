import type { KnownAddress } from '../../lambda/names/known-interface.ts';
import { readNames } from '../names/read-names.ts';
import type { OwnTable } from './own-tables.ts';

/** The columns, and their values. */
const columns: Readonly<Record<string, (known: KnownAddress) => string | undefined>> = {
  address: ({ address }) => address,
  interface_id: (known) => known.interface,
  kind: ({ kind }) => kind,
  id: ({ id }) => id,
  name: ({ name }) => name,
  owner: ({ owner }) => owner,
  account_id: ({ account }) => account,
  vpc_id: ({ vpc }) => vpc,
  subnet_id: ({ subnet }) => subnet,
  az: ({ zone }) => zone,
  since: ({ since }) => since?.toString(),
  is_shared: ({ isShared }) => String(isShared),
};

/**
 * Reads the names of addresses as a table for SQL, all texts, with a row for each address of each interface.
 *
 * @throws the errors of readNames
 */
export function readNamesTable(path: string): OwnTable {
  const all = readNames(path).addresses;
  // The addresses of several interfaces follow each other.
  const repeated = all.find(({ address }, index) => all[index + 1]?.address === address);
  const warnings = repeated
    ? [`--names: several interfaces have ${repeated.address}: compare vpc_id too, or a join repeats its flows`]
    : [];
  return {
    name: 'names',
    path,
    columns: Object.keys(columns),
    rows: all.map((known) => Object.values(columns).map((read) => read(known) ?? null)),
    networks: undefined,
    warnings,
  };
}
