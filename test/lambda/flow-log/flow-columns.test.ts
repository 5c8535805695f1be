import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contributionOf, isDuplicateObservation } from '../../../lambda/flow-log/contribution.ts';
import { contribution, contributionColumn } from '../../../lambda/flow-log/contribution-column.ts';
import { CodeMemo, Dictionary, noCode } from '../../../lambda/flow-log/dictionary.ts';
import { endpointValue, pairOf } from '../../../lambda/flow-log/endpoints.ts';
import { type Flow, fieldOf, flowOfValues, quantityOf, secondsOf, timeOf } from '../../../lambda/flow-log/flow.ts';
import { FlowColumns, noNumber, numberAt } from '../../../lambda/flow-log/flow-columns.ts';
import { FlowRows, rowsOf } from '../../../lambda/flow-log/flow-rows.ts';
import { scopeCodes, scopeReader, scopes } from '../../../lambda/flow-log/scope.ts';
import { type Network, parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { parseLineByField } from '../../../lambda/parse/parse-line.ts';
import { directed, epoch, flowOf, formatOf, lineOf, v2 } from '../../support/flows.ts';

const scoped = formatOf(`vpc-id ${directed.names.join(' ')}`);
const timeless = formatOf('srcaddr dstaddr bytes action');

const anyFlow = fc
  .record({
    values: fc.record({
      srcaddr: fc.constantFrom('10.0.1.5', '203.0.113.9', '2001:db8::1', '-'),
      dstaddr: fc.constantFrom('10.0.2.7', '198.51.100.3', '-'),
      'pkt-srcaddr': fc.constantFrom('10.0.1.5', '198.51.100.9', '-'),
      'pkt-dstaddr': fc.constantFrom('10.0.2.7', 'fc00::7', '-'),
      'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
      'vpc-id': fc.constantFrom('vpc-1', 'vpc 2'.replace(' ', '_'), 'vpc-é', 'vpc-ß', '-'),
      'account-id': fc.constantFrom('123456789012', '-', 'a'.repeat(40), 'a'.repeat(41)),
      bytes: fc.oneof(
        fc.nat().map(String),
        fc.constantFrom('0', '999999999999999', '9007199254740993', '9223372036854775807', '-'),
      ),
      start: fc.oneof(fc.integer({ min: epoch, max: epoch + 999 }).map(String), fc.constantFrom('1795510800123', '-')),
      end: fc.oneof(fc.integer({ min: epoch, max: epoch + 999 }).map(String), fc.constantFrom('1795510800999', '-')),
      action: fc.constantFrom('ACCEPT', 'REJECT', '-'),
    }),
    format: fc.constantFrom(v2, directed, scoped, timeless),
  })
  .map(({ values, format }): Flow => {
    const line = parseLineByField(lineOf(values, format), [format]);
    return line.kind === 'flow' && !/[éß]/.test(values['vpc-id']) ? flowOf(values, format) : flowOfLine(line);
  });

function flowOfLine(line: ReturnType<typeof parseLineByField>): Flow {
  if (line.kind !== 'flow') throw new Error('no flow');
  return line.flow;
}

const anyFlows = fc.array(anyFlow, { minLength: 1, maxLength: 30 });
const columnsOf = (flows: readonly Flow[], dictionary = new Dictionary()) =>
  new FlowColumns(rowsOf(flows.map((flow) => ({ flow, arrival: epoch + 2000 }))), dictionary);
const networks = [parseNetwork('10.0.0.0/16') as Network];
const fields = ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'vpc-id', 'bytes', 'action', 'tgw-id'];

describe('FlowColumns', () => {
  it('has the values of each flow when formats are mixed', () => {
    const dictionary = new Dictionary();
    fc.assert(
      fc.property(anyFlows, (flows) => {
        const columns = columnsOf(flows, dictionary);
        for (const [row, flow] of flows.entries()) {
          expect(columns.rows.flow(row).values).toEqual(flow.values);
          for (const name of fields) {
            expect(dictionary.textOf(columns.codes(name)[row]!)).toBe(fieldOf(flow, name));
            expect(dictionary.textOf(columns.endpoints(name)[row]!)).toBe(endpointValue(flow, name));
          }
          expect(numberAt(columns.numbers('bytes'), row)).toBe(quantityOf(flow, 'bytes'));
          expect(columns.seconds('start')[row]).toBe(secondsOf(flow, 'start') ?? noNumber);
          expect(columns.ownTimes[row]).toBe(timeOf(flow) ?? noNumber);
          expect(columns.times[row]).toBe(timeOf(flow) ?? epoch + 2000);
        }
      }),
    );
  });

  it('has the words of the scope of each flow', () => {
    fc.assert(
      fc.property(anyFlows, fc.constantFrom(undefined, ...scopes), (flows, scope) => {
        const columns = columnsOf(flows);
        const words = [...scopeCodes(columns, scope)].map((code) => columns.dictionary.textOf(code) ?? '');
        expect(words).toEqual(flows.map(scopeReader(scope)));
      }),
    );
  });
});

describe('contributionColumn', () => {
  it('says what contributionOf and isDuplicateObservation say of each flow', () => {
    fc.assert(
      fc.property(anyFlows, fc.constantFrom(networks, []), (flows, monitored) => {
        const column = contributionColumn(columnsOf(flows), monitored);
        const expected = flows.map((flow) => {
          if (isDuplicateObservation(flow, monitored)) return contribution.duplicate;
          const added = contributionOf(flow, monitored);
          if (!added || pairOf(flow) === undefined) return contribution.none;
          return added.rejects === 1 ? contribution.reject : contribution.bytes;
        });
        expect([...column]).toEqual(expected);
      }),
    );
  });
});

describe('FlowRows', () => {
  it('sets only unknown arrivals', () => {
    const rows = new FlowRows();
    const { format, source, firstBound } = flowOf();
    rows.push(format, source, firstBound, 5);
    rows.push(format, source, firstBound);
    rows.setUnknownArrivals(7);
    expect([...rows.arrival.subarray(0, 2)]).toEqual([5, 7]);
  });
});

describe('Dictionary', () => {
  it('gives equal codes to equal texts only', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.ipV4(), fc.constantFrom('\ud800', '\ufffd'));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
        const dictionary = new Dictionary();
        const codes = texts.map((one) => dictionary.codeOfText(one));
        expect(codes.map((code) => dictionary.textOf(code))).toEqual(texts);
        expect(new Set(codes).size).toBe(new Set(texts).size);
        for (const [index, one] of texts.entries()) {
          if (!one.isWellFormed()) continue;
          const bytes = Buffer.from(`x${one}y`);
          expect(dictionary.codeOf(bytes, 1, bytes.length - 1)).toBe(codes[index]);
        }
      }),
    );
  });

  it('is large after a flood of texts, and finds each of them', () => {
    const dictionary = new Dictionary();
    const codes = Array.from({ length: 60_000 }, (_, n) => dictionary.codeOfText(`10.0.${n >> 8}.${n & 255}`));
    expect(dictionary.isLarge).toBe(true);
    expect(new Set(codes).size).toBe(60_000);
    expect(dictionary.textOf(codes[59_999]!)).toBe('10.0.234.95');
    expect(new Dictionary().isLarge).toBe(false);
  });

  it('has no text for the code of a missing value', () => {
    expect(new Dictionary().textOf(noCode)).toBeUndefined();
  });
});

describe('CodeMemo', () => {
  it('forgets the numbers of another dictionary, and keeps them while its dictionary grows', () => {
    const [first, second] = [new Dictionary(), new Dictionary()];
    const memo = new CodeMemo();
    memo.of(first)[first.codeOfText('a')] = 7;
    for (let n = 0; n < 5000; n += 1) first.codeOfText(`${n}`);
    expect(memo.of(first)[first.codeOfText('a')]).toBe(7);
    expect(memo.of(first)[first.codeOfText('4999')]).toBe(-1);
    expect(memo.of(second)[second.codeOfText('a')]).toBe(-1);
  });
});

it('reads a flow of separate values', () => {
  const flow = flowOfValues(timeless, ['10.0.1.5', '10.0.2.7', '5', 'ACCEPT']);
  expect(columnsOf([flow]).times[0]).toBe(epoch + 2000);
});
