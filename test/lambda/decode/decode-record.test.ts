import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord as decodeWithin, envelopeOf, envelopes } from '../../../lambda/decode/decode-record.ts';
import { envelopeSamples } from '../../../tools/events/envelope-samples.ts';
import { lineOf } from '../../support/flows.ts';

const decode = (data: unknown) => decodeWithin(data, { maxBytes: 20 * 1024 * 1024, maxLines: 1000 }).decoded;
const base64 = (payload: string | Buffer) => Buffer.from(payload).toString('base64');
const message = (line: string) => JSON.stringify({ message: line });
const logs = (messageType: string, logEvents: unknown) => JSON.stringify({ messageType, logEvents });

describe('the envelopes', () => {
  const samples = Object.entries(envelopeSamples).flatMap(([name, payloads]) =>
    payloads.map((payload) => [name, payload] as const),
  );

  it.each(samples.filter(([, payload]) => payload !== ''))('accept a sample of %s by one, its own', (name, payload) => {
    const accepting = envelopes
      .filter((envelope) => envelope.accepts(Buffer.from(payload)))
      .map((envelope) => envelope.name);
    expect(accepting).toEqual([name]);
  });

  it('accept any bytes by exactly one', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.string().map((text) => Buffer.from(`{"messageType":${JSON.stringify(text)}`)),
      fc.uint8Array().map((tail) => Buffer.from([0x1f, 0x8b, ...tail])),
    );
    fc.assert(
      fc.property(bytes, (one) => {
        expect(envelopes.filter(({ accepts }) => accepts(Buffer.from(one)))).toEqual([envelopeOf(Buffer.from(one))]);
      }),
    );
  });
});

describe('decode', () => {
  it.each([
    ['JSON with a message', message(lineOf())],
    ['JSON with a message and a line break', `${message(lineOf())}\n`],
    ['JSON after a byte order mark', `\ufeff${message(lineOf())}`],
    ['JSON with blanks before it', ` \n${message(lineOf())}`],
    ['a message that ends in a line break', message(`${lineOf()}\n`)],
    ['a plain line', lineOf()],
    ['a plain line with a line break of Windows', `${lineOf()}\r\n`],
    ['a plain line after a byte order mark', `\ufeff${lineOf()}`],
    ['a CloudWatch Logs batch', logs('DATA_MESSAGE', [{ message: lineOf() }])],
    ['a CloudWatch Logs batch, compressed', gzipSync(logs('DATA_MESSAGE', [{ message: lineOf() }]))],
  ])('finds the line in %s', (_, payload) => {
    expect(decode(base64(payload))).toEqual({ kind: 'lines', lines: [{ text: lineOf() }] });
  });

  it.each([
    ['a message of several lines', message('one\ntwo\n')],
    ['plain lines', 'one\n\ntwo\n'],
    ['several JSON objects, a line each', `${message('one')}\n${message('two')}\n`],
    ['JSON objects one after the other', `${message('one')}${message('two')}`],
    [
      'CloudWatch Logs batches one after the other',
      `${logs('DATA_MESSAGE', [{ message: 'one' }])}${logs('DATA_MESSAGE', [{ message: 'two' }])}`,
    ],
    ['CloudWatch Logs events', logs('DATA_MESSAGE', [{ message: 'one' }, { message: 'two\n' }])],
  ])('finds all lines in %s', (_, payload) => {
    expect(decode(base64(payload))).toEqual({ kind: 'lines', lines: [{ text: 'one' }, { text: 'two' }] });
  });

  it.each([
    [
      'as it is',
      logs('CONTROL_MESSAGE', [{ message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' }]),
    ],
    ['compressed', gzipSync(logs('CONTROL_MESSAGE', []))],
  ])('knows a control message %s', (_, payload) => {
    expect(decode(base64(payload))).toEqual({ kind: 'control' });
  });

  it.each([
    ['an empty payload', '', 'the payload is empty'],
    ['blanks', base64(' \n '), 'holds no line'],
    ['bytes that are no text', base64(Buffer.from([0xff, 0xfe, 0x00])), 'no UTF-8 text'],
    ['a gzip record that is cut', base64(gzipSync('x'.repeat(5000)).subarray(0, 20)), 'the gzip record is corrupt'],
    ['a gzip record of something else', base64(gzipSync(lineOf())), 'holds no CloudWatch Logs batch'],
    ['a message type that nobody knows', base64(logs('OTHER_MESSAGE', [])), 'messageType'],
    ['a batch without events', base64('{"messageType":"DATA_MESSAGE"}'), 'no list of logEvents'],
    ['a batch with no event', base64(logs('DATA_MESSAGE', [])), 'holds no line'],
    ['a batch that is cut', base64('{"messageType":"DATA_MESSAGE","logEvents":['), 'is no JSON'],
    ['what is no base64', '{{{data}}}', 'no base64'],
    ['base64 that is cut', base64(lineOf()).slice(0, -1), 'no base64'],
    ['base64 with something in it', `${base64(lineOf()).slice(0, 8)}!!!!${base64(lineOf()).slice(8)}`, 'no base64'],
    ['data that is missing', undefined, 'no base64'],
    ['data that is a number', 42, 'no base64'],
  ])('calls %s unreadable', (_, data, reason) => {
    expect(decode(data)).toEqual({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  it.each([
    ['the message is not text', '{"message": 42}'],
    ['the message is not text', '{"message": null}'],
    ['the JSON has no message', '{}'],
    ['starts like JSON and is none', '{"message": "cut o'],
  ])('keeps what it cannot read and says that %s', (reason, payload) => {
    expect(decode(base64(payload))).toEqual({
      kind: 'lines',
      lines: [{ unreadable: payload, reason: expect.stringContaining(reason) }],
    });
  });

  it('stops a gzip bomb at its cap', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    expect(decode(base64(bomb))).toEqual({
      kind: 'unreadable',
      reason: expect.stringContaining('expands to more than'),
      exceedsBudget: true,
    });
  });

  it('never throws, whatever the data', () => {
    const hostile = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => `{"messageType":"DATA_MESSAGE","logEvents":${json}}`),
    );
    const payload = fc.oneof(
      hostile.map((text) => Buffer.from(text)),
      hostile.map((text) => gzipSync(text)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.oneof(payload.map(base64), fc.anything()), (data) => {
        expect(['lines', 'control', 'unreadable']).toContain(decode(data).kind);
      }),
    );
  });
});
