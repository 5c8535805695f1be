import { BIGINT, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import type { GeoEntry } from '../../lambda/geo/geo-table.ts';

/** Returns where an address leads; undefined if the table does not know it. */
export type LookupRegion = (address: string) => GeoEntry | undefined;

/** The SQL functions of one address, by their names; null for an address that the table does not know. */
const functions = {
  country_of: { returnType: VARCHAR, valueOf: ({ country }: GeoEntry) => country },
  asn_of: { returnType: BIGINT, valueOf: ({ asn }: GeoEntry) => (asn === undefined ? undefined : BigInt(asn)) },
  as_name_of: { returnType: VARCHAR, valueOf: ({ asName }: GeoEntry) => asName },
  aws_region_of: { returnType: VARCHAR, valueOf: ({ awsRegion }: GeoEntry) => awsRegion },
  aws_service_of: { returnType: VARCHAR, valueOf: ({ awsService }: GeoEntry) => awsService },
};

/**
 * Adds SQL functions on where addresses lead, such as `country_of(address)`. Without a table, a query that uses one fails:
 * null for each address would look like a result.
 *
 * @param lookup undefined without a table
 */
export function addRegionFunctions(connection: DuckDBConnection, lookup: LookupRegion | undefined): void {
  for (const [name, { returnType, valueOf: read }] of Object.entries(functions)) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: [VARCHAR],
        returnType,
        mainFunction: (_, input, output) => {
          if (!lookup) throw new Error(`${name} needs a table of regions: give the file of geo build by --geo`);
          const addresses = input.getColumnValues(0) as (string | null)[];
          for (let row = 0; row < input.rowCount; row += 1) {
            const entry = lookup(addresses[row] ?? '');
            output.setItem(row, (entry && read(entry)) ?? null);
          }
          output.flush();
        },
      }),
    );
  }
}
