import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointReader, endpointValue, pairOf } from '../../../lambda/flow-log/endpoints.ts';
import { type Flow, flowOfValues } from '../../../lambda/flow-log/flow.ts';
import { directed, flowOf, formatOf } from '../../support/flows.ts';

const behindGateway = { 'pkt-srcaddr': '10.9.0.1', 'pkt-dstaddr': '10.9.0.2' };

/** Reads a field by its definition: walks through the names and values of a flow. */
function slowValue(flow: Flow, name: string): string | undefined {
  const values = new Map(flow.format.names.map((field, index) => [field, flow.values[index]!]));
  const available = (field: string) => (values.get(field) === '-' ? undefined : values.get(field));
  const isEndpoint = name === 'srcaddr' || name === 'dstaddr';
  return (isEndpoint ? available(`pkt-${name}`) : undefined) ?? available(name);
}

const names = ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr', 'dstport'];
const anyFlow = fc.shuffledSubarray(names, { minLength: 1 }).chain((fields) =>
  fc
    .array(fc.constantFrom('-', '10.0.1.5', '2001:db8::1', '7', '::'), {
      minLength: fields.length,
      maxLength: fields.length,
    })
    .map((values) => flowOfValues(formatOf(fields.join(' ')), values)),
);

describe('endpoints', () => {
  it('returns the packet addresses when the record has them', () => {
    const flow = flowOf(behindGateway, directed);
    expect(endpointValue(flow, 'srcaddr')).toBe('10.9.0.1');
    expect(endpointValue(flow, 'dstaddr')).toBe('10.9.0.2');
    expect(pairOf(flow)).toBe('10.9.0.1 10.9.0.2');
  });

  it.each([
    [{ 'pkt-srcaddr': '10.9.0.1' }, '10.9.0.1 10.0.2.7'],
    [{ 'pkt-dstaddr': '10.9.0.2' }, '10.0.1.5 10.9.0.2'],
    [{}, '10.0.1.5 10.0.2.7'],
    [{ srcaddr: '-' }, undefined],
    [{ dstaddr: '-' }, undefined],
    [{ ...behindGateway, srcaddr: '-', dstaddr: '-' }, '10.9.0.1 10.9.0.2'],
  ])('returns the available addresses when the record has %j', (values, pair) => {
    expect(pairOf(flowOf(values, directed))).toBe(pair);
  });

  it('returns the same endpoints by name, by reader and as a pair for any flows', () => {
    const readers = names.map((name) => [name, endpointReader(name)] as const);
    fc.assert(
      fc.property(fc.array(anyFlow), (flows) => {
        for (const flow of flows) {
          for (const [name, read] of readers) {
            expect(read(flow)).toBe(slowValue(flow, name));
            expect(endpointValue(flow, name)).toBe(slowValue(flow, name));
          }
          const [src, dst] = [slowValue(flow, 'srcaddr'), slowValue(flow, 'dstaddr')];
          expect(pairOf(flow)).toBe(src === undefined || dst === undefined ? undefined : `${src} ${dst}`);
        }
      }),
    );
  });
});
