import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { formatOf, lakeRowOf, lineOf } from '../../support/flows.ts';

const typeOf = new Map<string, string>(lakeColumns.map(({ name, type }) => [name, type]));

describe('lakeColumns', () => {
  it('has one column for each flow log field and three more when it is built', () => {
    expect(lakeColumns).toHaveLength(fields.size + 3);
    expect(typeOf.size).toBe(lakeColumns.length);
  });

  it("has Hive's type of each field when fields are numbers or text", () => {
    expect(Object.fromEntries(typeOf)).toMatchObject({
      version: 'int',
      account_id: 'string',
      srcaddr: 'string',
      srcport: 'int',
      protocol: 'int',
      packets: 'bigint',
      bytes: 'bigint',
      start: 'bigint',
      end: 'bigint',
      action: 'string',
      tcp_flags: 'int',
      encryption_status: 'string',
      packets_lost_no_route: 'bigint',
      counted: 'boolean',
      unreadable_line: 'string',
      unreadable_reason: 'string',
    });
  });

  it('has a column of the right type for each value when a line of any format is decoded', () => {
    const names = fc.subarray([...fields.keys()], { minLength: 2 });
    fc.assert(
      fc.property(names, fc.boolean(), (chosen, isReadable) => {
        const format = formatOf(chosen.join(' '));
        const line = isReadable ? lineOf({}, format) : 'what is this?';
        const decoded = JSON.parse(lakeRowOf(parseLine(line, [format]), [])) as Record<string, unknown>;
        for (const [name, value] of Object.entries(decoded)) {
          const type = typeOf.get(name);
          const expected = type === 'string' || type === 'boolean' ? type : 'number';
          expect(type).toBeDefined();
          if (value !== null) expect(typeof value).toBe(expected);
        }
      }),
    );
  });
});
