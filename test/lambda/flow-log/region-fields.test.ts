import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dictionary, noCode } from '../../../lambda/flow-log/dictionary.ts';
import { endpointValue } from '../../../lambda/flow-log/endpoints.ts';
import { FlowColumns, noNumber } from '../../../lambda/flow-log/flow-columns.ts';
import { rowsOf } from '../../../lambda/flow-log/flow-rows.ts';
import { type CurrentRegions, kindOf, RegionCodes, regionFields } from '../../../lambda/flow-log/region-fields.ts';
import { directed, epoch, flowOf, v2 } from '../../support/flows.ts';
import { regionsOf } from '../../support/regions.ts';

const table = regionsOf('198.51.100.0 198.51.100.127 64496 DE', '203.0.113.0 203.0.113.255 64500 BR');
const moved = regionsOf('198.51.100.0 198.51.100.255 64497 FR');

const anyAddress = fc.constantFrom(
  '10.0.1.5',
  '198.51.100.9',
  '198.51.100.200',
  '203.0.113.9',
  '::ffff:203.0.113.9',
  '64:ff9b::c633:6409',
  '64:ff9b::a00:105',
  '2001:db8::1',
  '-',
);
const anyFlow = fc
  .record({
    values: fc.record({ srcaddr: anyAddress, dstaddr: anyAddress, 'pkt-srcaddr': anyAddress }),
    format: fc.constantFrom(v2, directed),
  })
  .map(({ values, format }) => flowOf(values, format));

describe('the fields of regions', () => {
  it('are what the table has of the endpoint, when tables are replaced between batches that share a dictionary', () => {
    const regions: CurrentRegions = { current: undefined };
    const codes = new RegionCodes(regions);
    const dictionary = new Dictionary();
    fc.assert(
      fc.property(
        fc.array(anyFlow, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(table, moved, undefined),
        (flows, current) => {
          regions.current = current;
          const columns = new FlowColumns(rowsOf(flows.map((flow) => ({ flow, arrival: epoch }))), dictionary, codes);
          for (const [name, { address, fact }] of regionFields) {
            const column = columns.endpoints(name);
            for (const [row, flow] of flows.entries()) {
              const known = current?.lookup(endpointValue(flow, address) ?? '-')?.[fact];
              expect(dictionary.textOf(column[row]!)).toBe(known === undefined ? undefined : String(known));
            }
          }
          for (const [row, asn] of columns.numbers('dst_asn').values.entries()) {
            const code = columns.codes('dst_asn')[row]!;
            expect(asn).toBe(code === noCode ? noNumber : Number(dictionary.textOf(code)));
          }
        },
      ),
    );
  });

  it('are not available without a table', () => {
    const columns = new FlowColumns(
      rowsOf([{ flow: flowOf({ dstaddr: '203.0.113.9' }), arrival: epoch }]),
      new Dictionary(),
    );
    expect([...columns.codes('dst_country'), ...columns.numbers('dst_asn').values]).toEqual([noCode, noNumber]);
  });

  it('have a kind, as published fields have, and unknown fields have none', () => {
    expect([kindOf('dst_country'), kindOf('src_asn'), kindOf('dst_aws_region')]).toEqual([
      'country',
      'as-number',
      'string',
    ]);
    expect([kindOf('bytes'), kindOf('country')]).toEqual(['int64', undefined]);
  });
});
