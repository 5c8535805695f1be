import { describe, expect, it } from 'vitest';
import { readEventFile } from '../../../lambda/context/read-event-file.ts';
import { changeEvent, changeOf, findingEvent, findingOf, openedGroup } from '../../support/context-events.ts';

const change = openedGroup('sg-0aa');
const finding = findingOf();
const other = changeOf('CreateTags', {});

describe('readEventFile', () => {
  it.each([
    ['a CloudTrail log file', JSON.stringify({ Records: [change, other, change] }), ['change', 'change'], 1],
    ['findings of the AWS CLI', JSON.stringify({ Findings: [finding] }, undefined, 2), ['finding'], 0],
    ['findings in small letters', JSON.stringify({ findings: [finding, finding] }), ['finding', 'finding'], 0],
    ['an array', JSON.stringify([changeEvent(change), finding]), ['change', 'finding'], 0],
    ['one EventBridge event', JSON.stringify(findingEvent(finding), undefined, 2), ['finding'], 0],
    [
      'JSON lines',
      `\ufeff${[finding, other, changeEvent(change)].map((one) => JSON.stringify(one)).join('\r\n\n')}\n`,
      ['finding', 'change'],
      1,
    ],
    ['log files in lines', `{"Records":[]}\n${JSON.stringify({ Records: [change] })}`, ['change'], 0],
    ['an empty log file', '{"Records": []}', [], 0],
  ])('reads %s', (_, text, kinds, ignored) => {
    const file = readEventFile(text);
    expect(file.events.map(({ kind }) => kind)).toEqual(kinds);
    expect(file.ignored).toEqual(new Map(ignored === 0 ? [] : [['not a network change', ignored]]));
    expect(file.problems).toEqual([]);
  });

  it('says which entries are no events', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const long = JSON.stringify(findingOf({ title: 'x'.repeat(300_000) }));
    const lines = [JSON.stringify(finding), '{"id":', '7', `{"a":${deep}}`, long, JSON.stringify(change)];
    const file = readEventFile(lines.join('\n'));
    expect(file.events.map(({ kind }) => kind)).toEqual(['finding', 'change']);
    expect(file.problems).toEqual([
      { index: 1, problem: 'it is not JSON' },
      { index: 2, problem: 'it is not an object' },
      { index: 3, problem: 'it has more than 64 levels' },
      { index: 4, problem: 'it is larger than 256 KB' },
    ]);
  });

  it.each([
    ['', 'the file is empty'],
    [' \n', 'the file is empty'],
    ['version account-id\n2 1', 'the file is not JSON'],
    ['{\n"Records": [', 'the file is not JSON'],
  ])('says what is wrong with the file %j', (text, problem) => {
    expect(readEventFile(text)).toEqual({ events: [], raws: [], ignored: new Map(), problems: [{ problem }] });
  });

  it('ignores sample findings unless they count', () => {
    const text = JSON.stringify([findingOf({ service: { additionalInfo: { sample: true } } })]);
    expect(readEventFile(text).ignored).toEqual(new Map([['sample finding', 1]]));
    expect(readEventFile(text, { samples: true }).events.length).toBe(1);
  });
});
