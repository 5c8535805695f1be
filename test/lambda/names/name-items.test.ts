import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryItem, readEntryItem, readRequestItem, requestItem } from '../../../lambda/names/name-items.ts';

const key = { interface: 'eni-0a1b2c3d' };

describe('the items of the table of names', () => {
  it('keeps an entry for 30 days and a request for an hour', () => {
    expect(entryItem(key, { addresses: [] }, 1000)).toMatchObject({ expiresAt: { N: String(1000 + 30 * 86_400) } });
    expect(requestItem(key, 1000)).toMatchObject({ expiresAt: { N: '4600' } });
  });

  it('differs between two requests, since a put that changes nothing is not in the stream', () => {
    expect(requestItem(key, 1000)).not.toEqual(requestItem(key, 1600));
    expect(requestItem(key, 1000).pk).toEqual(requestItem(key, 1600).pk);
  });

  it('reads a request as a request only, and an entry as an entry only', () => {
    expect(readRequestItem(requestItem(key, 1000))).toEqual(key);
    expect(readEntryItem(requestItem(key, 1000))).toBeUndefined();
    expect(readRequestItem(entryItem(key, { addresses: [] }, 1000))).toBeUndefined();
    expect(readEntryItem(entryItem(key, { addresses: [] }, 1000))).toEqual({
      key: 'interface#eni-0a1b2c3d',
      entry: { addresses: [] },
    });
  });

  it.each(['', 'null', '[]', '{}', '{"addresses": 1}', '{"addresses": [], "holder": {"kind": "instance"}}', '{'])(
    'reads no entry when its text is %j',
    (text) => {
      expect(readEntryItem({ pk: { S: 'interface#eni-0a1b2c3d' }, entry: { S: text } })).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (value, text) => {
        readRequestItem(value);
        readEntryItem(value);
        readEntryItem({ pk: { S: 'interface#eni-0a1b2c3d' }, entry: { S: text } });
      }),
    );
  });
});
