import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf, secondsOf } from '../../../lambda/flow-log/flow.ts';
import { parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { exampleFormat, exampleStart } from '../../../sigma/examples/example-flow.ts';
import { type Example, readExamples } from '../../../sigma/examples/rule-examples.ts';

const rule = { name: 'some', groupBy: ['srcaddr', 'dstaddr'] };
const monitored = [parseNetwork('10.0.0.0/8')].flatMap((network) => ('problem' in network ? [] : network));

function read(text: string): { examples: Example[]; problems: string[] } {
  const problems: string[] = [];
  const examples = readExamples({ path: 'examples/some.yml', text }, rule, monitored, problems);
  return { examples, problems };
}

const silent = 'silent: [{name: quiet, flows: [{}]}]';

/** The flow log records that one written flow stands for. */
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
  it('is a short TCP connection of a client where it does not say otherwise', () => {
    const names = ['srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action', 'tcp-flags'];
    expect(fieldsOf('{}', ...names)).toEqual([
      ['10.0.1.5', '10.0.2.7', '50000', '443', '6', '10', '1000', 'ACCEPT', '3'],
    ]);
    expect(fieldsOf('{action: REJECT}', 'packets', 'bytes', 'tcp-flags')).toEqual([['1', '40', '2']]);
    expect(fieldsOf('{srcport: 22, dstport: 40000}', 'tcp-flags')).toEqual([['19']]);
    expect(fieldsOf('{protocol: 1}', 'srcport', 'dstport', 'tcp-flags')).toEqual([['0', '0', '0']]);
  });

  it('has the ends that it names as its true ends', () => {
    expect(fieldsOf('{srcaddr: 10.0.0.9, pkt-srcaddr: 10.0.1.5}', 'srcaddr', 'pkt-srcaddr', 'pkt-dstaddr')).toEqual([
      ['10.0.0.9', '10.0.1.5', '10.0.2.7'],
    ]);
  });

  it.each([
    ['from a monitored network, where it leaves', '{dstaddr: 198.18.0.1}', 'egress'],
    ['from elsewhere, where it enters', '{srcaddr: 198.18.0.1}', 'ingress'],
    ['rejected on the way in, at its target', '{action: REJECT}', 'ingress'],
    ['rejected on the way out, at its source', '{action: REJECT, dstaddr: 198.18.0.1}', 'egress'],
  ])('is logged %s', (_, written, direction) => {
    expect(fieldsOf(written, 'flow-direction')).toEqual([[direction]]);
  });

  it('has no more than place and time where its interface had no traffic', () => {
    expect(fieldsOf('{log-status: NODATA}', 'srcaddr', 'bytes', 'interface-id', 'log-status')).toEqual([
      [undefined, undefined, 'eni-0a1b2c3d4e5f60718', 'NODATA'],
    ]);
  });

  it('lacks a field that is null', () => {
    expect(fieldsOf('{bytes: null}', 'bytes')).toEqual([[undefined]]);
  });

  it('starts at its offset and lasts a minute, or as long as it says', () => {
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

  it('stands for a flow of each value of its range, and ranges advance together', () => {
    expect(fieldsOf('{dstaddr: "10.0.4.{1..4}", dstport: "{22,80}", every: 1m}', 'dstaddr', 'dstport')).toEqual([
      ['10.0.4.1', '22'],
      ['10.0.4.2', '80'],
      ['10.0.4.3', '22'],
      ['10.0.4.4', '80'],
    ]);
    expect(fieldsOf('{dstport: "{1..2}", repeat: 3}', 'dstport')).toEqual([['1'], ['2'], ['1']]);
  });

  it('is a line that the function reads, whatever its fields are', () => {
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
  it('tells the place of each example, what it expects and of which keys', () => {
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
    ['an unknown field', flow('{dstprt: 22}'), '4: alerts.0.flows.0: dstprt is not supported'],
    ['a field that is worked out', flow('{end: 22}'), '4: alerts.0.flows.0: end is not supported'],
    ['a range that is not in quotes', flow('{dstport: {22,80}}'), '4: alerts.0.flows.0.dstport: expected one value; a'],
    ['a range that is none', flow('{dstport: "{9..1}"}'), '4: dstport: "{9..1}" is no range'],
    ['a range that is too long', flow('{srcport: "{1..50000}"}'), '4: srcport: "{1..50000}" is no range'],
    [
      'two ranges in one value',
      flow('{dstaddr: "10.0.{1..2}.{1..2}"}'),
      '4: dstaddr: "10.0.{1..2}.{1..2}" is no range',
    ],
    ['a value that none has', flow('{dstport: "{65530..65540}"}'), '4: dstport: "65536" is not a whole number'],
    ['an address that is none', flow('{srcaddr: 10.0.0.256}'), '4: srcaddr: "10.0.0.256" is not an IPv4 or IPv6'],
    ['-', flow('{bytes: "-"}'), '4: bytes: "-" is not a whole number from 0 to 9223372036854775807; null is what'],
    ['a number of too many digits', flow('{bytes: 9007199254740993}'), '4: bytes: a number that YAML does not keep'],
    [
      'an account without quotes',
      flow('{account-id: 012345678901}'),
      '4: account-id: a number that YAML does not keep',
    ],
    ['a time that is none', flow('{at: soon}'), '4: at: "soon" is no time, expected one such as 30s'],
    ['a flow of an hour', flow('{for: 1h}'), '4: for: 1h is over 10m, which no record is longer than'],
    ['a way back', flow('{repeat: 2, every: -1m}'), '4: every: -1m is less than nothing'],
    [
      'too few repeats',
      flow('{dstport: "{1..9}", repeat: 5}'),
      '4: repeat: a range gives a flow for each of its values',
    ],
    ['too many repeats', flow('{repeat: 50000}'), '4: repeat: more than 20000 flows'],
    ['every for one flow', flow('{every: 1m}'), '4: every: there is one flow'],
    ['a flow of before', flow('{at: -1m}'), '4: at: flows start at 0m or later'],
    ['a later flow in before', `${flow('{}')}\n`.replace('flows: [{}]', 'before: [{}], flows: [{}]'), 'ends by 0m'],
    [
      'a key of other fields',
      flow('{}\n  keys: [{srcaddr: 10.0.0.1}]'),
      '5: expected what the rule groups by: srcaddr',
    ],
    ['a name that is there twice', flow('{}').replace('name: quiet', 'name: one'), '5: another example has this name'],
    ['two documents', `${flow('{}')}\n---\n${silent}`, '7: a file of examples is one document'],
  ])('that has %s is told by its line', (_, text, problem) => {
    const { problems } = read(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('examples/some.yml:');
    expect(problems[0]).toContain(problem);
  });

  it('never throws, whatever it holds', () => {
    fc.assert(fc.property(fc.json(), (text) => void read(text)));
    fc.assert(fc.property(fc.string(), (text) => void read(text)));
  });
});
