import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTagField, readableValue, tagText } from '../../../lambda/common/tag-text.ts';
import { groupName } from '../../../lambda/common/text.ts';
import { tagFieldsOf } from '../../../lambda/flow-log/tag-fields.ts';

/** Texts of tags: any well-formed text. */
const anyTag = fc.string({ unit: 'binary', maxLength: 256 }).filter((text) => text.isWellFormed());

/** Texts in which percent signs begin encoded characters, or almost. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom('%', '%2', '%zz', '%c0%80', '%ed%a0%80', '%f5%80%80%80', '%E2%82', '+'), anyTag), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));

describe('tagText', () => {
  it.each([
    ['web-1', 'web-1'],
    ['web%20server', 'web server'],
    ['b%C3%BCro', 'büro'],
    ['b%c3%bcro', 'büro'],
    ['100%25', '100%'],
    ['%252F', '%2F'],
    ['a+b', 'a+b'],
    ['%', '%'],
    ['%2', '%2'],
    ['%zz%20', '%zz '],
    ['%E2%82', '%E2%82'],
    ['%E2%82%AC%E2%82', '€%E2%82'],
    ['%C0%80', '%C0%80'],
    ['%ED%A0%80', '%ED%A0%80'],
    ['%F4%90%80%80', '%F4%90%80%80'],
  ])('decodes %s to %s', (logged, text) => {
    expect(tagText(logged)).toBe(text);
  });

  it('returns the text of any tag when the text is percent-encoded', () => {
    fc.assert(
      fc.property(anyTag, (text) => {
        expect(tagText(encodeURIComponent(text))).toBe(text);
      }),
    );
  });

  it('agrees with decodeURIComponent when that accepts the value', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        let decoded: string;
        try {
          decoded = decodeURIComponent(value);
        } catch {
          return;
        }
        expect(tagText(value)).toBe(decoded);
      }),
    );
  });

  it('returns at most as many characters as the value has when the value is hostile', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        expect(tagText(value).length).toBeLessThanOrEqual(value.length);
      }),
    );
    for (const part of ['%', '%f0%9f%98', '%c0%80', '%F0%9F%98%80']) {
      expect(tagText(part.repeat(4096 / part.length)).length).toBeLessThanOrEqual(4096);
    }
  });
});

describe('readableValue', () => {
  it('decodes the values of tag fields only', () => {
    for (const field of Object.values(tagFieldsOf).flat()) {
      expect(isTagField(field)).toBe(true);
      expect(readableValue(field, 'a%20b')).toBe('a b');
    }
    for (const field of ['instance-id', 'interface-type', 'ecs-service-name', 'instance-tag-3', 'my-instance-tag'])
      expect(readableValue(field, 'a%20b')).toBe('a%20b');
  });

  it('is what a group shows of a tag, on one line', () => {
    expect(groupName({ 'instance-tag': 'web%20server%0A%E2%80%AE', dstport: '22' })).toBe(
      'instance-tag web server ?, dstport 22',
    );
  });
});
