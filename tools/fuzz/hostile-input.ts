import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { collect } from '../../lambda/aggregate/aggregate.ts';
import { noRefusedLimits } from '../../lambda/aggregate/refused.ts';
import { FlowError } from '../../lambda/common/errors.ts';
import { printable, subjectOf } from '../../lambda/common/text.ts';
import { readEvent } from '../../lambda/decode/firehose-event.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';
import { maxResponseBytes, respond } from '../../lambda/respond/respond.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { readNetworkLists } from '../../sigma/compile/network-lists.ts';
import { defaultRulesDirectory } from '../../sigma/default-rules.ts';
import { chaosRules } from '../chaos/rules.ts';

/** A promise about hostile input, and the property that checks it. */
export interface HostileInputPromise {
  readonly name: string;
  readonly property: fc.IPropertyWithHooks<unknown>;
}

const networksOf = (text: string, list = '') =>
  readNetworkLists({ path: 'networks.yml', text }, (path) => ({ path, text: list }));
const networks = networksOf('internal_networks: [10.0.0.0/8]');

const formats = [defaultFormat, [...fields.keys()].join(' ')].map((text) => parseFormat(text) as Format);

const nastyText = fc.constantFrom(
  ...[
    '-',
    '',
    ' ',
    '\t',
    '\u0000',
    '\u2028',
    '\ud800',
    '\u202e',
    '\ufeff',
    '__proto__',
    'constructor',
    '%s',
    '${x}',
    '<script>',
  ],
  ...['2', '4294967296', '9007199254740993', '9223372036854775807', '-1', '1e9', '0x10', '٣', 'NaN', '1.5'],
  ...[
    '10.0.0.1',
    '10.0.0.1.',
    '::',
    '::ffff:1.2.3.4',
    'fe80::1%0',
    '1:2:3:4:5:6:7:8:9',
    '0177.1',
    'ACCEPT',
    'REJECT',
    'NODATA',
    'OK',
  ],
);
const token = fc.oneof(
  { weight: 3, arbitrary: nastyText },
  fc.string({ unit: 'binary' }),
  fc.ipV4(),
  fc.ipV6(),
  fc.nat().map(String),
);
const defaultWords = '2 123456789012 eni-1 10.0.0.1 10.0.0.2 5 22 6 1 40 1795510800 1795510850 ACCEPT OK'.split(' ');

/** A line of the default format in which some words are replaced, added or missing. */
const line = fc
  .tuple(fc.array(fc.tuple(fc.nat(13), token), { maxLength: 4 }), fc.integer({ min: 10, max: 18 }))
  .map(([changes, length]) => {
    const words = [...defaultWords, ...defaultWords];
    for (const [index, word] of changes) words[index] = word;
    return words.slice(0, length < 12 ? length : 14).join(' ');
  });
const lines = fc.array(fc.oneof(line, token), { maxLength: 4 }).map((all) => all.join('\n'));

const json = fc.oneof(
  lines.map((message) => ({ message })),
  fc.jsonValue(),
  fc.record({
    messageType: fc.constantFrom('DATA_MESSAGE', 'CONTROL_MESSAGE', '', null),
    logEvents: fc.oneof(
      fc.array(
        fc.oneof(
          lines.map((message) => ({ message })),
          fc.jsonValue(),
        ),
      ),
      fc.jsonValue(),
    ),
  }),
);

/** Bytes of which some are changed, or the end is cut off. */
const damaged = (bytes: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(bytes, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.option(fc.nat()))
    .map(([whole, changes, cut]) => {
      const copy = Buffer.from(whole);
      for (const [index, byte] of changes) if (copy.length > 0) copy[index % copy.length] = byte;
      return cut === null || copy.length === 0 ? copy : copy.subarray(0, cut % copy.length);
    });

const text = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  fc.array(json, { maxLength: 3 }).map((values) => values.map((value) => JSON.stringify(value)).join('\n')),
  lines,
);
const payload = fc.oneof(
  text.map((one) => Buffer.from(one)),
  damaged(text.map((one) => Buffer.from(one))),
  text.map((one) => gzipSync(one)),
  damaged(text.map((one) => gzipSync(one))),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
const data = fc.oneof({ weight: 9, arbitrary: payload.map((bytes) => bytes.toString('base64')) }, fc.anything());

const ruleTexts = [
  ...readdirSync(defaultRulesDirectory)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => readFileSync(join(defaultRulesDirectory, name), 'utf8')),
  `title: Any modifier
logsource: {category: firewall}
detection:
  text: {interface-id|contains|all: [a, 'b*'], interface-id|re|i: '^(a|[b-d]{2,3})+$', instance-id|cased: i-1}
  numbers: {src_port|fieldref|gt: dst_port, end|hour|gte: 22, protocol: tcp, bytes|neq: 5, tcp-flags|exists: true}
  networks: [{src_ip|cidr|neq: 10.0.0.0/8}, {dst_ip|cidr|expand: '%internal_networks%'}, {action: den*}, {blocked: null}]
  condition: [text and not 1 of n*, all of them]
---
title: A filter
logsource: {product: aws, service: vpcflow}
filter: {rules: any, selection: {dstport: 22}, condition: not selection}
allow: {reason: a pentest, expires: 2027-01-31}
`,
];

/** A rule file in which some parts are replaced or removed. */
const ruleText = fc
  .tuple(
    fc.constantFrom(...ruleTexts),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(40),
        fc.oneof(
          token,
          fc.constantFrom('\n', ': ', '[', '{', '&a ', '*a', '!!x ', '|', '|re: ', '|all: ', '%internal_networks%'),
        ),
      ),
    ),
  )
  .map(([whole, changes]) =>
    changes.reduce((changed, [at, length, by]) => {
      const start = changed.length === 0 ? 0 : at % changed.length;
      return changed.slice(0, start) + by + changed.slice(start + length);
    }, whole),
  );

/** Passes if the work succeeds, or throws a FlowError of the code with a message. */
function succeedsOrThrows(code: FlowError['code'], work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof FlowError) || error.code !== code) throw error;
    if (error.message === '') throw new Error('the error has no message');
  }
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** The promises about any input. No input may cause an exception, a hang, or a change of a shared prototype. */
export const promises: readonly HostileInputPromise[] = [
  {
    name: 'returns each record once, in order, within the limit, with one JSON object a line',
    property: fc.property(fc.array(data, { maxLength: 4 }), (all) => {
      const records = all.map((one, index) => ({ recordId: String(index), data: one, arrival: 1_795_511_000 }));
      const read = readRecords(records, formats);
      const collected = collect(chaosRules.columnsOf(read.rows), chaosRules);
      for (const { key } of collected.aggregate(noRefusedLimits).deltas)
        check(Buffer.byteLength(key.pk) <= 2048, 'a key is too long');
      const { records: answers } = respond(read.records, collected.contributions);
      check(
        answers.map(({ recordId }) => recordId).join() === records.map(({ recordId }) => recordId).join(),
        'a record is missing, or returned twice',
      );
      check(JSON.stringify({ records: answers }).length <= maxResponseBytes, 'the response is too long');
      for (const [index, { result, data: answered }] of answers.entries()) {
        if (result === 'ProcessingFailed' && typeof all[index] === 'string')
          check(answered === all[index], 'a payload changed');
        if (result !== 'Ok') continue;
        for (const one of Buffer.from(answered, 'base64').toString().split('\n').slice(0, -1)) JSON.parse(one);
      }
      check(Object.keys(Object.prototype).length === 0, 'the prototype of all objects is polluted');
    }),
  },
  {
    name: 'reads an event, or throws EVENT_INVALID',
    property: fc.property(fc.oneof(fc.anything(), fc.record({ records: fc.array(fc.anything()) })), (event) => {
      succeedsOrThrows('EVENT_INVALID', () => readEvent(event));
    }),
  },
  {
    name: 'compiles a rule file, or throws RULE_INVALID',
    property: fc.property(ruleText, (rule) => {
      succeedsOrThrows('RULE_INVALID', () => compileRules([{ path: 'rule.yml', text: rule }], networks));
      succeedsOrThrows('RULE_INVALID', () => networksOf(rule));
    }),
  },
  {
    name: 'reads a list of networks, or throws RULE_INVALID',
    property: fc.property(fc.array(fc.array(token, { maxLength: 6 }), { maxLength: 6 }), (lines) => {
      const text = lines.map((line) => line.join(',')).join('\n');
      succeedsOrThrows('RULE_INVALID', () => networksOf('mine: {file: mine.csv}', text));
    }),
  },
  {
    name: 'writes no line break and no control character, and only ASCII in a subject',
    property: fc.property(fc.oneof(token, fc.string({ unit: 'binary', maxLength: 300 })), (one) => {
      check(/^[A-Za-z0-9][\x20-\x7e]{0,98}$/.test(subjectOf(one)), 'SNS would refuse the subject');
      check(!/[\p{C}\p{Zl}\p{Zp}]/u.test(printable(one)), 'the text has an unprintable character');
    }),
  },
];
