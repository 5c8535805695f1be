import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { fieldOf, quantityOf, secondsOf } from '../../../lambda/flow-log/flow.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { epoch, flowOf, formatOf, lineOf, v2 } from '../../support/flows.ts';

/** The format of transit gateways. */
const tgw = formatOf(
  'version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id ' +
    'tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id ' +
    'tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end log-status type ' +
    'packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags region ' +
    'flow-direction pkt-src-aws-service pkt-dst-aws-service',
);

const everyField = formatOf([...fields.keys()].join(' '));

describe('parseLine', () => {
  it('parses a line of the default format', () => {
    const flow = flowOf({ bytes: 4249 });
    expect(fieldOf(flow, 'srcaddr')).toBe('10.0.1.5');
    expect(quantityOf(flow, 'bytes')).toBe(4249);
    expect(secondsOf(flow, 'end')).toBe(epoch + 50);
    expect(fieldOf(flow, 'vpc-id')).toBeUndefined();
  });

  it('parses a transit gateway record of 36 fields', () => {
    expect(tgw.names).toHaveLength(36);
    expect(fieldOf(flowOf({ version: 6, 'tgw-id': 'tgw-1' }, tgw), 'tgw-id')).toBe('tgw-1');
  });

  it('parses a line when no published field is available', () => {
    expect(parseLine(everyField.names.map(() => '-').join(' '), [everyField])).toMatchObject({ kind: 'flow' });
  });

  it.each(['NODATA', 'SKIPDATA'])('parses a line of status %s, whose other fields are "-"', (status) => {
    const line = `2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - ${status}`;
    expect(parseLine(line, [v2])).toMatchObject({ kind: 'flow' });
  });

  it('splits a line at runs of blanks and tabs, which a sample of AWS has', () => {
    expect(parseLine(` ${lineOf().replaceAll(' ', '  ').replace('  ', '\t')} `, [v2])).toMatchObject({ kind: 'flow' });
  });

  it('finds a header in field names of any order', () => {
    expect(parseLine(defaultFormat, [v2])).toEqual({ kind: 'header' });
    expect(parseLine('version srcaddr vpc-id', [v2])).toEqual({ kind: 'header' });
  });

  it('converts an address to its canonical spelling', () => {
    expect(fieldOf(flowOf({ srcaddr: '2001:DB8:0::1' }), 'srcaddr')).toBe('2001:db8::1');
  });

  it('accepts the account "unknown"', () => {
    expect(fieldOf(flowOf({ 'account-id': 'unknown' }), 'account-id')).toBe('unknown');
  });

  it('converts milliseconds to seconds', () => {
    expect(secondsOf(flowOf({ end: `${epoch}123` }), 'end')).toBe(epoch);
  });

  it('parses all 64 bits of a number', () => {
    expect(quantityOf(flowOf({ bytes: '9223372036854775807' }), 'bytes')).toBe(9_223_372_036_854_775_807n);
  });

  it.each([
    ['a field too few', lineOf().replace(' OK', ''), 'has 13 fields, expected 14'],
    ['a field too many', `${lineOf()} more`, 'has 15 fields, expected 14'],
    [
      'an invalid address',
      lineOf({ srcaddr: '10.0.0.256' }),
      'srcaddr is "10.0.0.256", expected an IPv4 or IPv6 address',
    ],
    ['an invalid number', lineOf({ bytes: 'many' }), 'bytes is "many"'],
    ['a negative number', lineOf({ bytes: -1 }), 'bytes is "-1"'],
    ['a number with a sign', lineOf({ bytes: '+1' }), 'bytes is "+1"'],
    ['a number with a leading zero', lineOf({ bytes: '007' }), 'bytes is "007"'],
    ['a fraction', lineOf({ bytes: '1.5' }), 'bytes is "1.5"'],
    ['an exponent', lineOf({ bytes: '1e9' }), 'bytes is "1e9"'],
    ['more than 64 bits', lineOf({ bytes: '9223372036854775808' }), 'bytes is "9223372036854775808"'],
    ['a port out of range', lineOf({ dstport: 65_536 }), 'dstport is "65536", expected a whole number from 0 to 65535'],
    ['a protocol out of range', lineOf({ protocol: 256 }), 'protocol is "256"'],
    ['a time of 14 digits', lineOf({ end: '99999999999999' }), 'end is "99999999999999"'],
    ['an unknown action', lineOf({ action: 'ALLOW' }), 'action is "ALLOW", expected ACCEPT or REJECT'],
    ['an unknown status', lineOf({ 'log-status': 'FINE' }), 'log-status is "FINE"'],
    ['text of 5,000 characters', lineOf({ 'interface-id': 'x'.repeat(5000) }), 'interface-id is "xxx'],
  ])('returns an unreadable line with its field and reason for %s', (_, line, reason) => {
    expect(parseLine(line, [v2])).toEqual({ kind: 'unreadable', text: line, reason: expect.stringContaining(reason) });
  });

  describe('with several formats', () => {
    const withVpc = formatOf(`${defaultFormat} vpc-id`);
    const v5 = formatOf(defaultFormat.replace('account-id', 'flow-direction'));

    it('chooses the format by length, version and kinds', () => {
      expect(parseLine(lineOf({}, withVpc).replace(/^2 /, '3 '), [v2, withVpc])).toMatchObject({
        flow: { format: withVpc },
      });
      expect(parseLine(lineOf({ version: 5, 'flow-direction': 'egress' }, v5), [v2, v5])).toMatchObject({
        flow: { format: v5 },
      });
      expect(parseLine(lineOf(), [v2, v5])).toMatchObject({ flow: { format: v2 } });
    });

    it('does not choose a shorter format for a line that lacks a field', () => {
      const cut = lineOf({ version: 3 }, withVpc).replace(/ \S+$/, '');
      expect(parseLine(cut, [v2, withVpc])).toMatchObject({
        kind: 'unreadable',
        reason: expect.stringContaining('version is "3"'),
      });
    });

    it('accepts an unknown version when the length determines the format', () => {
      expect(parseLine(lineOf({ version: 9 }, withVpc), [v2, withVpc])).toMatchObject({ flow: { format: withVpc } });
      expect(parseLine(lineOf({ version: 9, 'account-id': '-' }), [v2, v5])).toMatchObject({ kind: 'unreadable' });
    });

    it('accepts "-" in any field when the length determines the format', () => {
      const short = formatOf('srcaddr dstaddr bytes action start end');
      expect(parseLine('10.0.0.1 10.0.0.2 100 ACCEPT 1700000000 -', [short, v2])).toMatchObject({
        flow: { format: short },
      });
      expect(parseLine(lineOf({ end: '-' }), [short, v2])).toMatchObject({ flow: { format: v2 } });
    });

    it('returns an unreadable line when two formats fit', () => {
      const noVersion = [formatOf('srcaddr dstaddr start'), formatOf('dstaddr srcaddr start')];
      expect(parseLine('10.0.0.1 10.0.0.2 5', noVersion)).toMatchObject({
        kind: 'unreadable',
        reason: expect.stringContaining('fits 2'),
      });
    });
  });

  it('never throws for any line', () => {
    const token = fc.oneof(
      fc.constantFrom('2', '-', 'ACCEPT', '10.0.0.1', '::', '__proto__', '\u0000', 'version'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(token, { minLength: 13, maxLength: 15 }).map((all) => all.join(' ')),
        ),
        (line) => {
          expect(['flow', 'header', 'unreadable']).toContain(parseLine(line, [v2, everyField]).kind);
        },
      ),
    );
  });

  it('parses every value that a line was made of', () => {
    const anyValue = (name: string): fc.Arbitrary<string> => {
      const kind = fields.get(name)!.kind;
      if (typeof kind !== 'string') return fc.constantFrom(...kind);
      if (kind === 'address') return fc.ipV4();
      if (kind === 'string') return fc.stringMatching(/^[A-Za-z][\w:/.%-]{0,40}$/);
      const largest = {
        int32: 2n ** 31n - 1n,
        int64: 2n ** 63n - 1n,
        port: 65_535n,
        protocol: 255n,
        seconds: 9_999_999_999_999n,
      }[kind];
      return fc.bigInt({ min: 0n, max: largest }).map(String);
    };
    const anyLine = fc
      .shuffledSubarray([...fields.keys()], { minLength: 1 })
      .chain((names) =>
        fc.tuple(fc.constant(names), fc.tuple(...names.map((name) => fc.oneof(anyValue(name), fc.constant('-'))))),
      );
    fc.assert(
      fc.property(anyLine, ([names, values]) => {
        fc.pre(names.length > 1 || !fields.has(values[0]!));
        const format = formatOf(names.join(' '));
        expect(parseLine(values.join(' '), [format])).toMatchObject({ kind: 'flow', flow: { values } });
      }),
    );
  });
});
