import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEntry, packEntry, unpackEntry } from '../../../lambda/networks/network-entry.ts';
import { readNetworkFile } from '../../../lambda/networks/network-file.ts';

const networksOf = (text: string) => readNetworkFile(text).entries.map(({ network }) => network);

describe('readNetworkFile', () => {
  it('reads a blocklist with comments, blanks and CRLF', () => {
    const text = [
      '\uFEFF# a list',
      '; from a vendor',
      '',
      '198.51.100.0/25\r',
      '  2001:DB8:bad::/48\t',
      '203.0.113.7 ; SBL1, with a comma',
      '203.0.113.8# scanner',
      '203.0.113.9',
    ];
    expect(readNetworkFile(text.join('\n'))).toEqual({
      entries: [
        { network: '198.51.100.0/25' },
        { network: '2001:DB8:bad::/48' },
        { network: '203.0.113.7' },
        { network: '203.0.113.8' },
        { network: '203.0.113.9' },
      ],
      unreadable: 0,
      problems: [],
    });
  });

  it.each([
    ['203.0.113.7,scanner', { label: 'scanner' }],
    ['203.0.113.7 , scanner , ticket #42; closed', { label: 'scanner', reason: 'ticket #42; closed' }],
    ['203.0.113.7,,,2026-12-31', { expires: Date.UTC(2027, 0, 1) / 1000 }],
    ['"203.0.113.7","a, b"," say ""no"" ",""', { label: 'a, b', reason: 'say "no"' }],
    ['203.0.113.7,', {}],
  ])('reads the columns of %s', (line, columns) => {
    expect(readNetworkFile(line)).toEqual({
      entries: [{ network: '203.0.113.7', ...columns }],
      unreadable: 0,
      problems: [],
    });
  });

  it.each(['network', 'network,label', 'Network, Label, Reason, Expires', '"network","label"'])(
    'skips the header %s if it is the first line with content',
    (header) => {
      expect(networksOf(`# made today\n${header}\n203.0.113.7`)).toEqual(['203.0.113.7']);
      expect(readNetworkFile(`203.0.113.7\n${header}`).unreadable).toBe(1);
    },
  );

  it.each([
    ['10.0.0.1/8', 'the prefix length is invalid, expected at most 32 or 128, with no bits set after the prefix'],
    ['10.0.0.0/33', 'the prefix length is invalid'],
    ['<html>', 'the network is invalid, expected one like 10.0.0.0/8 or fc00::/7'],
    ['10.0.0.1 10.0.0.9', 'the network is invalid'],
    [',scanner', 'the network is invalid'],
    ['10.0.0.1,a,b,2026-12-31,e', '5 columns, expected network,label,reason,expires'],
    ['10.0.0.1,5" pipe', 'a double quote is misplaced'],
    ['10.0.0.1,"open', 'a double quote is misplaced'],
    ['10.0.0.1,,,2026-02-29', 'expires is invalid, expected a day like 2026-12-31'],
    ['10.0.0.1,,,soon', 'expires is invalid'],
    [`10.0.0.1,${'x'.repeat(101)}`, 'the label has 101 characters, expected at most 100'],
    [`10.0.0.1,,${'x'.repeat(501)}`, 'the reason has 501 characters, expected at most 500'],
    [`10.0.0.1 ;${'x'.repeat(2000)}`, 'the line has 2010 characters, expected at most 2000'],
  ])('reports the problem of %s and reads the other lines', (line, problem) => {
    const { entries, unreadable, problems } = readNetworkFile(`\n10.0.0.2\n${line}\n10.0.0.3`);
    expect(entries).toEqual([{ network: '10.0.0.2' }, { network: '10.0.0.3' }]);
    expect(unreadable).toBe(1);
    expect(problems).toEqual([{ line: 3, problem: expect.stringContaining(problem) }]);
  });

  it.each([
    [`10.0.0.1,${'x'.repeat(100)},${'y'.repeat(500)}`, { label: 'x'.repeat(100), reason: 'y'.repeat(500) }],
    [`10.0.0.1 ;${'x'.repeat(1990)}`, {}],
  ])('reads a line of the maximum length', (line, columns) => {
    expect(readNetworkFile(line).entries).toEqual([{ network: '10.0.0.1', ...columns }]);
  });

  it('reads no line as a header that has another word, or a misplaced quote', () => {
    for (const line of ['network,10.0.0.1', 'network,name', 'network,"label']) {
      expect(readNetworkFile(line)).toMatchObject({ entries: [], unreadable: 1 });
    }
  });

  it('reports the prefix length first when the day is invalid too', () => {
    const { problems } = readNetworkFile('10.0.0.1/8,,,soon');
    expect(problems).toEqual([{ line: 1, problem: expect.stringContaining('the prefix length is invalid') }]);
  });

  it('repeats no text of a line in a problem', () => {
    // Each word has a letter that no problem has, or digits that none has.
    const secret = fc.constantFrom('root:Q', 'AKIAQ7', 'Qwerty', '77.77.77.77', '77', '2077-77-77', '::7777');
    const line = fc
      .array(fc.oneof(secret, fc.constantFrom(',', '/', '"', ' ', '#', ':')), { minLength: 1, maxLength: 12 })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(line, (text) => {
        // A length or a number of columns is no text of the line.
        for (const { problem } of readNetworkFile(text).problems) {
          expect(problem.replace(/\bhas \d+ (columns|characters)/, '')).not.toMatch(/[QK]|77|::7/);
        }
      }),
    );
  });

  it('counts all invalid lines and reports the first 20', () => {
    const { unreadable, problems } = readNetworkFile('bad\n'.repeat(1000));
    expect(unreadable).toBe(1000);
    expect(problems.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('reads at most 200,000 networks', () => {
    const { entries, unreadable, problems } = readNetworkFile('10.0.0.1\n'.repeat(200_002));
    expect([entries.length, unreadable]).toEqual([200_000, 2]);
    expect(problems[0]).toEqual({ line: 200_001, problem: 'the list is too long, expected at most 200000 networks' });
  });

  it('reads back every entry that is written in quotes', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((one) => one.trim());
    fc.assert(
      fc.property(
        fc.ipV4(),
        text,
        text,
        fc.option(fc.integer({ min: 0, max: 47_000 })),
        (network, label, reason, day) => {
          const end = day === null ? '' : new Date(day * 86_400_000).toISOString().slice(0, 10);
          const line = [network, label, reason, end].map((one) => `"${one.replaceAll('"', '""')}"`).join(',');
          const { entries, problems } = readNetworkFile(line);
          expect(problems).toEqual([]);
          const expires = day === null ? {} : { expires: (day + 1) * 86_400 };
          expect(entries).toEqual([{ network, ...(label && { label }), ...(reason && { reason }), ...expires }]);
          expect(unpackEntry(packEntry(entries[0]!))).toEqual(entries[0]);
        },
      ),
    );
  });

  it('returns an entry or a problem for each line with content, and never throws', () => {
    const piece = fc.constantFrom(
      '10.0.0.1',
      '/8',
      ',',
      '"',
      '#',
      ';',
      ' ',
      'network',
      'x',
      '\u0000',
      '\r',
      '2026-01-01',
    );
    const line = fc.array(piece, { size: 'max', maxLength: 20 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(line, { size: 'max', maxLength: 50 }), (lines) => {
        const { entries, unreadable } = readNetworkFile(['10.0.0.1', ...lines].join('\n'));
        const withContent = lines.filter((one) => !/^\s*([#;]|$)/.test(one.trim()));
        expect(entries.length + unreadable).toBe(1 + withContent.length);
      }),
    );
  });
});

describe('checkEntry', () => {
  it('names the network or the day that is invalid, for a list that its reader has written', () => {
    expect(checkEntry({ network: '10.0.0.1/8' })).toEqual({ problem: expect.stringContaining('"10.0.0.1/8"') });
    expect(checkEntry({ network: '10.0.0.1', expires: 'x'.repeat(50) })).toEqual({
      problem: `expires is invalid: got "${'x'.repeat(40)}", expected a day like 2026-12-31`,
    });
  });
});

describe('packEntry', () => {
  it.each([
    [{ network: '10.0.0.1' }, '10.0.0.1'],
    [{ network: '10.0.0.1', label: 'a' }, ['10.0.0.1', 'a', '', 0]],
    [{ network: '10.0.0.1', reason: 'b' }, ['10.0.0.1', '', 'b', 0]],
    [{ network: '10.0.0.1', expires: 9 }, ['10.0.0.1', '', '', 9]],
  ])('packs %j as %j', (entry, packed) => {
    expect(packEntry(entry)).toEqual(packed);
  });
});
