import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord as decodeWithin, envelopeOf, envelopes } from '../../../lambda/decode/decode-record.ts';
import { decodePayloads, payloadAt } from '../../../lambda/decode/payloads.ts';
import { envelopeSamples } from '../../../tools/events/envelope-samples.ts';
import { lineOf } from '../../support/flows.ts';

const decode = (data: unknown) =>
  decodeWithin(payloadAt(decodePayloads([{ data }]), 0), { maxBytes: 20 * 1024 * 1024, maxLines: 1000 }).decoded;
const base64 = (payload: string | Buffer) => Buffer.from(payload).toString('base64');
const message = (line: string) => JSON.stringify({ message: line });
const logs = (messageType: string, logEvents: unknown) => JSON.stringify({ messageType, logEvents });

describe('envelopes', () => {
  const samples = Object.entries(envelopeSamples).flatMap(([name, payloads]) =>
    payloads.map((payload) => [name, payload] as const),
  );

  it.each(samples.filter(([, payload]) => payload !== ''))(
    'accept a sample of %s in one envelope, its own',
    (name, payload) => {
      const accepting = envelopes
        .filter((envelope) => envelope.accepts(Buffer.from(payload)))
        .map((envelope) => envelope.name);
      expect(accepting).toEqual([name]);
    },
  );

  it('accept any bytes in exactly one envelope', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.string().map((text) => Buffer.from(`{"messageType":${JSON.stringify(text)}`)),
      fc.uint8Array().map((tail) => Buffer.from([0x1f, 0x8b, ...tail])),
    );
    fc.assert(
      fc.property(bytes, (payload) => {
        const buffer = Buffer.from(payload);
        expect(envelopes.filter(({ accepts }) => accepts(buffer))).toEqual([envelopeOf(buffer)]);
      }),
    );
  });
});

describe('decodeRecord', () => {
  it.each([
    ['JSON with a message', message(lineOf())],
    ['JSON with a message and a line break', `${message(lineOf())}\n`],
    ['JSON after a byte order mark', `\ufeff${message(lineOf())}`],
    ['JSON with blanks before it', ` \n${message(lineOf())}`],
    ['a message that ends in a line break', message(`${lineOf()}\n`)],
    ['a plain line', lineOf()],
    ['a plain line that ends in CRLF', `${lineOf()}\r\n`],
    ['a plain line after a byte order mark', `\ufeff${lineOf()}`],
    ['a CloudWatch Logs batch', logs('DATA_MESSAGE', [{ message: lineOf() }])],
    ['a CloudWatch Logs batch, compressed', gzipSync(logs('DATA_MESSAGE', [{ message: lineOf() }]))],
  ])('finds the line in %s', (_, payload) => {
    expect(decode(base64(payload))).toEqual({ kind: 'lines', lines: [{ text: lineOf() }] });
  });

  it.each([
    ['a message of several lines', message('one\ntwo\n')],
    ['plain lines', 'one\n\ntwo\n'],
    ['several JSON objects, one per line', `${message('one')}\n${message('two')}\n`],
    ['consecutive JSON objects', `${message('one')}${message('two')}`],
    [
      'consecutive CloudWatch Logs batches',
      `${logs('DATA_MESSAGE', [{ message: 'one' }])}${logs('DATA_MESSAGE', [{ message: 'two' }])}`,
    ],
    ['CloudWatch Logs events', logs('DATA_MESSAGE', [{ message: 'one' }, { message: 'two\n' }])],
  ])('finds all lines in %s', (_, payload) => {
    expect(decode(base64(payload))).toEqual({ kind: 'lines', lines: [{ text: 'one' }, { text: 'two' }] });
  });

  it.each([
    [
      'as text',
      logs('CONTROL_MESSAGE', [{ message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' }]),
    ],
    ['in gzip', gzipSync(logs('CONTROL_MESSAGE', []))],
  ])('recognises a control message %s', (_, payload) => {
    expect(decode(base64(payload))).toEqual({ kind: 'control' });
  });

  it.each([
    ['an empty payload', '', 'the payload is empty'],
    ['blanks', base64(' \n '), 'has no lines'],
    ['bytes that are not text', base64(Buffer.from([0xff, 0xfe, 0x00])), 'not UTF-8 text'],
    ['a truncated gzip record', base64(gzipSync('x'.repeat(5000)).subarray(0, 20)), 'the gzip record is corrupt'],
    ['a gzip record of plain text', base64(gzipSync(lineOf())), 'is not a CloudWatch Logs batch'],
    ['an unknown message type', base64(logs('OTHER_MESSAGE', [])), 'messageType'],
    ['a batch without events', base64('{"messageType":"DATA_MESSAGE"}'), 'no list logEvents'],
    ['a batch with an empty list of events', base64(logs('DATA_MESSAGE', [])), 'has no lines'],
    ['a truncated batch', base64('{"messageType":"DATA_MESSAGE","logEvents":['), 'is not valid JSON'],
    ['text that is not base64', '{{{data}}}', 'not valid base64'],
    ['truncated base64', base64(lineOf()).slice(0, -1), 'not valid base64'],
    [
      'base64 with invalid characters',
      `${base64(lineOf()).slice(0, 8)}!!!!${base64(lineOf()).slice(8)}`,
      'not valid base64',
    ],
    ['missing data', undefined, 'not valid base64'],
    ['data that is a number', 42, 'not valid base64'],
  ])('returns unreadable with a reason for %s', (_, data, reason) => {
    expect(decode(data)).toEqual({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  it.each([
    ['the message is not text', '{"message": 42}'],
    ['the message is not text', '{"message": null}'],
    ['the JSON has no message', '{}'],
    ['begins like JSON but is not valid JSON', '{"message": "cut o'],
  ])('returns the unreadable text when %s', (reason, payload) => {
    expect(decode(base64(payload))).toEqual({
      kind: 'lines',
      lines: [{ unreadable: payload, reason: expect.stringContaining(reason) }],
    });
  });

  it('stops a gzip bomb at the limit', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    expect(decode(base64(bomb))).toEqual({
      kind: 'unreadable',
      reason: expect.stringContaining('expands to more than'),
      exceedsBudget: true,
    });
  });

  it('never throws for any data', () => {
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
