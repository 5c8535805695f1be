import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorColumns } from '../../../lib/lake/lake-catalog.ts';
import { lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { savedQueries } from '../../../lib/queries/athena-saved-queries.ts';

const columnsOf: Record<string, readonly string[]> = {
  vpc_flow_logs: [...lakeColumns.map(({ name }) => name), 'day'],
  firehose_errors: [...errorColumns.map(({ name }) => name), 'day', 'kind'],
};

/** Athena's functions and types in lower case, which are not names of columns or tables. */
const builtIn =
  'array_agg array_join array_sort avg bigint cast coalesce concat contains count count_if current_date from_base64 ' +
  'from_unixtime from_utf8 greatest ipaddress lag least length max min round slice stddev_pop substr sum to_hex varchar';

/** Returns the words of a query without texts in single quotes; names in double quotes keep the quotes. */
function wordsOf(sql: string): string[] {
  return sql.replace(/'[^']*'/g, '').match(/"[^"]*"|[A-Za-z_]\w*/g) ?? [];
}

/** Returns the names that a query defines: columns, tables and parts of WITH. */
function ownNames(sql: string): string[] {
  return [...sql.matchAll(/\bAS (\w+)|(\w+) AS \(|\bWITH (\w+)(?: \((\w+)(?:, (\w+))?\))?/g)].flatMap(([, ...names]) =>
    names.filter((name) => name !== undefined),
  );
}

describe('savedQueries', () => {
  it('contains the hunts and the failed records when it is built', () => {
    expect(savedQueries.map(({ name }) => name)).toEqual([
      'suspicious-ranges',
      'exfiltration',
      'lateral-movement',
      'failures',
      'beacons',
      'rejected-against-accepted',
      'counters',
      'host',
      'pair',
      'timeline',
      'top-talkers',
      'scans',
      'new-targets',
      'long-connections',
      'records-that-failed',
    ]);
  });

  it("stays within Athena's limits when names, descriptions and statements are measured", () => {
    for (const { name, description, sql } of savedQueries) {
      expect(name.length).toBeLessThanOrEqual(128);
      expect(description.length).toBeLessThanOrEqual(1024);
      expect(sql.length).toBeLessThanOrEqual(262_144);
    }
  });

  it.each(savedQueries)('$name uses existing columns, and quotes keywords, when it names columns', ({ sql }) => {
    const [, table] = /FROM (vpc_flow_logs|firehose_errors)\b/.exec(sql)!;
    const known = new Set([...columnsOf[table!]!, ...ownNames(sql), ...builtIn.split(' '), table]);
    const names = wordsOf(sql).filter((word) => /[a-z]/.test(word));

    expect(names.filter((name) => !known.has(name.replaceAll('"', '')))).toEqual([]);
    expect(names.filter((name) => name === 'start' || name === 'end')).toEqual([]);
  });

  it.each(savedQueries)('$name limits days and rows when it reads the lake', ({ sql }) => {
    expect(sql).toMatch(
      /WHERE (?:kind = 'processing-failed' AND )?day >= CAST\(current_date - INTERVAL '\d' DAY AS varchar\)/,
    );
    expect(sql).toMatch(/LIMIT 1000$/);
  });

  it.each(savedQueries)('$name is balanced when brackets, quotes and CASE are counted', ({ sql }) => {
    const count = (text: string) => sql.split(text).length;
    expect(count('(')).toBe(count(')'));
    expect(count("'") % 2).toBe(1);
    expect(count('"') % 2).toBe(1);
    expect(sql.match(/\bCASE\b/g)?.length).toBe(sql.match(/\bEND\b/g)?.length);
  });

  it('appears in docs/analyse/athena.md when a query is saved', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/analyse/athena.md'), 'utf8');
    for (const { name } of savedQueries) expect(page).toContain(`| \`${name}\` |`);
  });
});
