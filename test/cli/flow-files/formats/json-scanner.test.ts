import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner, type Scanned } from '../../../../cli/flow-files/formats/json-scanner.ts';

/** Scans a text in chunks that end at the given offsets. */
function scan(text: string, cuts: readonly number[] = [], maxBytes = 10_000): { found: string[]; isWithin: boolean } {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b), bytes.length];
  const scanner = new JsonScanner(maxBytes);
  const scanned = places.slice(1).flatMap((at, index) => scanner.scan(bytes.subarray(places[index]!, at)));
  return { found: [...scanned, ...scanner.rest()].map(textOf), isWithin: scanner.isWithin };
}

function textOf(scanned: Scanned): string {
  if (scanned.kind === 'too long') return scanned.kind;
  const name = scanned.kind === 'element' ? `element of ${scanned.list}` : scanned.kind;
  return `${name}: ${scanned.bytes}`;
}

const anyObject = fc.dictionary(
  fc.string({ maxLength: 4 }).filter((name) => name !== '__proto__'),
  fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('}{', '"', '\\', '[', 'records')),
  { maxKeys: 4 },
);

describe('JsonScanner', () => {
  it('finds concatenated objects, regardless of the chunks', () => {
    const anyBetween = fc.constantFrom('', '\n', ' \r\n\t', ',\n');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyObject, anyBetween, fc.constantFrom(0, 1))),
        fc.array(fc.nat(500)),
        (objects, cuts) => {
          const texts = objects.map(([object, , indent]) => JSON.stringify(object, null, indent));
          const text = texts.map((one, index) => one + objects[index]![1]).join('');
          expect(scan(text, cuts)).toEqual({ found: texts.map((one) => `object: ${one}`), isWithin: false });
          expect(scan(`[${text}]`, cuts).found).toEqual(texts.map((one) => `object: ${one}`));
        },
      ),
    );
  });

  it('emits the elements of an event’s lists, regardless of its other members', () => {
    fc.assert(
      fc.property(fc.array(anyObject), anyObject, fc.array(fc.nat(500)), (records, other, cuts) => {
        const event = { ...other, before: { records: [other] }, records, after: [other] };
        const found = records.map((one) => `element of records: ${JSON.stringify(one)}`);
        expect(scan(JSON.stringify(event), cuts)).toEqual({ found, isWithin: false });
        expect(scan(`${JSON.stringify(event)}${JSON.stringify({ events: [{}] })}{}`, cuts).found).toEqual([
          ...found,
          'element of events: {}',
          'object: {}',
        ]);
      }),
    );
  });

  it.each([
    ['a line that is not JSON', 'oops "{" \n{"a":1}', ['other: oops "{" ', 'object: {"a":1}'], false],
    ['a line break within a text', '{"a":"b\n{"c":1}', ['other: {"a":"b', 'object: {"c":1}'], false],
    ['an object that is cut off', '{"a":1}{"b":[', ['object: {"a":1}'], true],
    ['an object over the limit', `{"a":"${'x'.repeat(200)}"}{}`, ['too long', 'object: {}'], false],
    ['a line over the limit', `${'x'.repeat(200)}\n{}`, ['too long', 'object: {}'], false],
    ['brackets that open nothing', ']],[}{}', ['other: }{}'], false],
  ])('continues after %s', (_, text, found, isWithin) => {
    expect(scan(text, [3, 50, 60], 100)).toEqual({ found, isWithin });
  });

  it('never throws, and emits no byte twice', () => {
    const anyText = fc.string({ unit: fc.constantFrom(...'{}[]":,\\\n ax'), maxLength: 200 });
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(200)), (text, cuts) => {
        const { found } = scan(text, cuts);
        expect(found.map((one) => one.slice(one.indexOf(': ') + 2)).join('').length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
