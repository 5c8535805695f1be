import { describe, expect, it } from 'vitest';
import { isTagField } from '../../../lambda/common/tag-text.ts';
import { logFields, logFieldsWith, logFormat, logFormatWith } from '../../../lambda/flow-log/deployed-format.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { parseFormat } from '../../../lambda/flow-log/format.ts';
import { tagFieldsOf, tagKeysByField } from '../../../lambda/flow-log/tag-fields.ts';

describe('tag fields', () => {
  it('are all published fields that have a tag', () => {
    const published = [...fields.keys()].filter((name) => /-tag\b/.test(name));
    expect(Object.values(tagFieldsOf).flat().toSorted()).toEqual(published.toSorted());
    expect([...fields.keys()].filter(isTagField)).toEqual(published);
  });

  it('have the keys in their order', () => {
    const tagFields = { autoScalingGroup: ['g'], instance: ['Name', 'team'], interface: [] };
    expect([...tagKeysByField(tagFields)]).toEqual([
      ['instance-tag', 'Name'],
      ['instance-tag-2', 'team'],
      ['asg-tag', 'g'],
    ]);
  });
});

describe("the stack's format with tag fields", () => {
  it('is the format of before without keys', () => {
    expect(logFieldsWith({})).toEqual(logFields);
    expect(logFormatWith({ instance: [] })).toBe(logFormat);
  });

  it('is of version 11, and has the fields of the keys before log-status', () => {
    const format = logFormatWith({ interface: ['Name'], instance: ['Name', 'team'] });
    expect(parseFormat(format)).toMatchObject({
      names: [...logFields.slice(0, -1), 'instance-tag', 'instance-tag-2', 'interface-tag', 'log-status'],
      version: 11,
    });
  });
});
