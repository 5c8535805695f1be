/** The functions of Trino that the hunts use and DuckDB lacks, as macros. `slice` is used from the first element only. */
export const trinoFunctions: readonly string[] = [
  'CREATE MACRO from_unixtime(seconds) AS to_timestamp(seconds)',
  'CREATE MACRO array_join(list, separator) AS array_to_string(list, separator)',
  'CREATE MACRO slice(list, first, length) AS list_slice(list, first, first + length - 1)',
];
