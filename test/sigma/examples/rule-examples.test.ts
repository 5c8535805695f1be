import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf, secondsOf } from '../../../lambda/flow-log/flow.ts';
import { parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { exampleFormat, exampleStart } from '../../../sigma/examples/example-flow.ts';
import { type Example, readExamples } from '../../../sigma/examples/rule-examples.ts';

const rule = { groupBy: ['srcaddr', 'dstaddr'] };
const inside = [parseNetwork('10.0.0.0/8')].flatMap((network) => ('problem' in network ? [] : network));

function read(text: string): { examples: Example[]; problems: string[] } {
  const problems: string[] = [];
  const examples = readExamples({ path: 'examples/some.yml', text }, rule, inside, problems);
  return { examples, problems };
}

const silent = 'silent: [{name: quiet, flows: [{}]}]';

/** Returns the flow log records of one written flow. */
function flowsOf(written: string) {
  const { examples, problems } = read(`alerts: [{name: one, flows: [${written}]}]\n${silent}`);
  expect(problems).toEqual([]);
  return examples[0]!.flows.map(({ line }) => {
    const parsed = parseLine(line, [exampleFormat]);
    if (parsed.kind !== 'flow') throw new Error(JSON.stringify(parsed));
    return parsed.flow;
  });
}

function fieldsOf(written: string, ...names: string[]) {
  return flowsOf(written).map((flow) => names.map((name) => fieldOf(flow, name)));
}

describe('a flow of an example', () => {
  it('may name its protocol, also in a list', () => {
    expect(fieldsOf('{protocol: "{tcp,UDP,icmp,47}"}', 'protocol')).toEqual([['6'], ['17'], ['1'], ['47']]);
    expect(fieldsOf('{protocol: udp}', 'protocol', 'tcp-flags')).toEqual([['17', '0']]);
  });

  it('has the plain text of tags, which its record has percent-encoded', () => {
    expect(
      fieldsOf('{instance-tag: web server, asg-tag-2: "{a b,ü}"}', 'instance-tag', 'asg-tag-2', 'asg-tag'),
    ).toEqual([
      ['web%20server', 'a%20b', undefined],
      ['web%20server', '%C3%BC', undefined],
    ]);
  });

  it('may have the field names of CloudWatch Logs Insights and of Sigma', () => {
    expect(fieldsOf('{srcAddr: 10.0.0.9, dst_port: 22, logStatus: OK}', 'srcaddr', 'dstport')).toEqual([
      ['10.0.0.9', '22'],
    ]);
    const { examples, problems } = read(
      `alerts: [{name: one, flows: [{}], keys: [{srcAddr: 1.2.3.4, dst_ip: 5.6.7.8}]}]\n${silent}`,
    );
    expect(problems).toEqual([]);
    expect(examples[0]!.keys).toEqual([{ srcaddr: '1.2.3.4', dstaddr: '5.6.7.8' }]);
  });

  it('is a short TCP connection of a client by default', () => {
    const names = ['srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action', 'tcp-flags'];
    expect(fieldsOf('{}', ...names)).toEqual([
      ['10.0.1.5', '10.0.2.7', '50000', '443', '6', '10', '1000', 'ACCEPT', '3'],
    ]);
    expect(fieldsOf('{action: REJECT}', 'packets', 'bytes', 'tcp-flags')).toEqual([['1', '40', '2']]);
    expect(fieldsOf('{srcport: 22, dstport: 40000}', 'tcp-flags')).toEqual([['19']]);
    expect(fieldsOf('{protocol: 1}', 'srcport', 'dstport', 'tcp-flags')).toEqual([['0', '0', '0']]);
  });

  it('copies its endpoints to pkt-srcaddr and pkt-dstaddr by default', () => {
    expect(fieldsOf('{srcaddr: 10.0.0.9, pkt-srcaddr: 10.0.1.5}', 'srcaddr', 'pkt-srcaddr', 'pkt-dstaddr')).toEqual([
      ['10.0.0.9', '10.0.1.5', '10.0.2.7'],
    ]);
  });

  it.each([
    ['from an inside network, where it leaves', '{dstaddr: 198.18.0.1}', 'egress'],
    ['from elsewhere, where it enters', '{srcaddr: 198.18.0.1}', 'ingress'],
    ['rejected on the way in, at its target', '{action: REJECT}', 'ingress'],
    ['rejected on the way out, at its source', '{action: REJECT, dstaddr: 198.18.0.1}', 'egress'],
  ])('is logged %s', (_, written, direction) => {
    expect(fieldsOf(written, 'flow-direction')).toEqual([[direction]]);
  });

  it('has only origin and time when its interface had no traffic', () => {
    expect(fieldsOf('{log-status: NODATA}', 'srcaddr', 'bytes', 'interface-id', 'log-status')).toEqual([
      [undefined, undefined, 'eni-0a1b2c3d4e5f60718', 'NODATA'],
    ]);
  });

  it('omits a field that is null', () => {
    expect(fieldsOf('{bytes: null}', 'bytes')).toEqual([[undefined]]);
  });

  it('starts at its offset and lasts a minute, or the time of for', () => {
    const times = (written: string) =>
      flowsOf(written).map((flow) => [
        secondsOf(flow, 'start')! - exampleStart,
        secondsOf(flow, 'end')! - exampleStart,
      ]);
    expect(times('{at: 1h30m, for: 5s}')).toEqual([[5400, 5405]]);
    expect(times('{repeat: 3, every: 10m}')).toEqual([
      [0, 60],
      [600, 660],
      [1200, 1260],
    ]);
  });

  it('makes a flow for each value of its range, and advances ranges together', () => {
    expect(fieldsOf('{dstaddr: "10.0.4.{1..4}", dstport: "{22,80}", every: 1m}', 'dstaddr', 'dstport')).toEqual([
      ['10.0.4.1', '22'],
      ['10.0.4.2', '80'],
      ['10.0.4.3', '22'],
      ['10.0.4.4', '80'],
    ]);
    expect(fieldsOf('{dstport: "{1..2}", repeat: 3}', 'dstport')).toEqual([['1'], ['2'], ['1']]);
  });

  it('makes a line that the function parses, for any fields', () => {
    const written = fc.record({
      srcaddr: fc.oneof(fc.ipV4(), fc.ipV6()),
      protocol: fc.nat(255),
      bytes: fc.option(fc.maxSafeNat()),
      action: fc.constantFrom('ACCEPT', 'REJECT'),
      'log-status': fc.constantFrom('OK', 'NODATA', 'SKIPDATA'),
    });
    fc.assert(fc.property(written, (flow) => void flowsOf(JSON.stringify(flow))));
  });
});

describe('a file of examples', () => {
  it('returns the location, expectation and keys of each example', () => {
    const text = `
alerts:
  - name: one
    flows: [{}]
    keys: [{dstaddr: "2001:DB8:0::1", srcaddr: 10.0.1.5}]
silent:
  - name: other
    before: [{at: -8d}]
    flows: [{}]
`;
    expect(read(text).examples).toMatchObject([
      {
        name: 'one',
        place: 'examples/some.yml:3',
        expects: 'alerts',
        keys: [{ srcaddr: '10.0.1.5', dstaddr: '2001:db8::1' }],
      },
      { name: 'other', place: 'examples/some.yml:7', expects: 'silent', keys: undefined, before: [expect.anything()] },
    ]);
  });

  const flow = (written: string) => `alerts:\n- name: one\n  flows:\n  - ${written}\n${silent}`;
  it.each([
    ['no alerts', silent, '1: alerts: expected at least one example'],
    ['an empty file', '', '1: the file is empty'],
    [
      'an unknown protocol',
      flow('{protocol: tpc}'),
      '4: protocol: "tpc" is not a whole number from 0 to 255 or the name of a protocol such as tcp',
    ],
    ['an unknown field', flow('{dstprt: 22}'), '4: alerts.0.flows.0: dstprt is not supported'],
    ['a computed field', flow('{end: 22}'), '4: alerts.0.flows.0: end is not supported'],
    [
      'a range without quotes',
      flow('{dstport: {22,80}}'),
      '4: alerts.0.flows.0.dstport: expected one value; write a range',
    ],
    ['an invalid range', flow('{dstport: "{9..1}"}'), '4: dstport: the range "{9..1}" is invalid'],
    ['a range that is too long', flow('{srcport: "{1..50000}"}'), '4: srcport: the range "{1..50000}" is invalid'],
    [
      'two ranges in one value',
      flow('{dstaddr: "10.0.{1..2}.{1..2}"}'),
      '4: dstaddr: the range "10.0.{1..2}.{1..2}" is invalid',
    ],
    [
      'a value that the field cannot have',
      flow('{dstport: "{65530..65540}"}'),
      '4: dstport: "65536" is not a whole number',
    ],
    ['an invalid address', flow('{srcaddr: 10.0.0.256}'), '4: srcaddr: "10.0.0.256" is not an IPv4 or IPv6'],
    [
      'a hyphen as a value',
      flow('{bytes: "-"}'),
      '4: bytes: "-" is not a whole number from 0 to 9223372036854775807; write null',
    ],
    [
      'a number of too many digits',
      flow('{bytes: 9007199254740993}'),
      '4: bytes: YAML changes how this number is written',
    ],
    [
      'an account without quotes',
      flow('{account-id: 012345678901}'),
      '4: account-id: YAML changes how this number is written',
    ],
    ['an invalid time', flow('{at: soon}'), '4: at: the time "soon" is invalid: expected a form such as 30s'],
    ['a flow of an hour', flow('{for: 1h}'), '4: for: 1h exceeds 10m, the longest time of a record'],
    ['a negative interval', flow('{repeat: 2, every: -1m}'), '4: every: -1m is negative'],
    [
      'too few repeats',
      flow('{dstport: "{1..9}", repeat: 5}'),
      '4: repeat: expected at least 9: a range makes one flow per value',
    ],
    ['too many repeats', flow('{repeat: 50000}'), '4: repeat: 50000 flows are too many, expected at most 20000'],
    ['every for one flow', flow('{every: 1m}'), '4: every: needs more than one flow; set repeat'],
    ['an earlier flow', flow('{at: -1m}'), '4: at: flows must start at 0m or later'],
    ['a later flow in before', `${flow('{}')}\n`.replace('flows: [{}]', 'before: [{}], flows: [{}]'), 'must end by 0m'],
    [
      'a key of other fields',
      flow('{}\n  keys: [{srcaddr: 10.0.0.1}]'),
      '5: expected a value for each field of group-by: srcaddr',
    ],
    ['a repeated name', flow('{}').replace('name: quiet', 'name: one'), '5: another example has the same name'],
    ['two documents', `${flow('{}')}\n---\n${silent}`, '7: a file of examples must be one document'],
  ])('reports the line of %s', (_, text, problem) => {
    const { problems } = read(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('examples/some.yml:');
    expect(problems[0]).toContain(problem);
  });

  it('never throws for any content', () => {
    fc.assert(fc.property(fc.json(), (text) => void read(text)));
    fc.assert(fc.property(fc.string(), (text) => void read(text)));
  });
});

describe('the regions of an example', () => {
  it.each([
    ['in two flows', '{dstaddr: 203.0.113.1, dst_country: BR}, {dstaddr: 203.0.113.1, dst_country: DE}', 'country'],
    ['in a range', '{dstaddr: 203.0.113.1, dst_asn: "{64496,64497}"}', 'asn'],
    ['at both ends', '{srcaddr: 203.0.113.1, dstaddr: 203.0.113.1, src_country: BR, dst_country: DE}', 'country'],
  ])('are refused when an address has two of them: %s', (_, flows, fact) => {
    const { problems } = read(`alerts: [{name: one, flows: [${flows}]}]\n${silent}`);
    expect(problems).toEqual([expect.stringContaining(`203.0.113.1 has two values`)]);
    expect(problems[0]).toMatch(fact === 'asn' ? /64496 and 64497/ : /BR and DE/);
  });

  it('are those of each address when flows agree', () => {
    const flows = '{dstaddr: 203.0.113.1, dst_country: BR}, {dstaddr: 203.0.113.1, dst_asn: 64496, dst_country: br}';
    expect(read(`alerts: [{name: one, flows: [${flows}]}]\n${silent}`).problems).toEqual([]);
  });
});
