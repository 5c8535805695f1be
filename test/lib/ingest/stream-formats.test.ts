import { describe, expect, it } from 'vitest';
import { logFields, logFieldsWith, transitGatewayLogFields } from '../../../lambda/flow-log/deployed-format.ts';
import { ambiguities, defaultFormat, type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { streamFormats } from '../../../lib/ingest/stream-formats.ts';

const nothing = { tagFields: {}, logFormats: [defaultFormat], logGroups: [], transitGatewayIds: [] };

describe('streamFormats', () => {
  it("returns the stack's format and those of the settings when there is no other source", () => {
    expect(streamFormats(nothing)).toEqual([logFields.join(' '), defaultFormat]);
  });

  it('returns unambiguous formats with that of transit gateways when there are transit gateways', () => {
    const formats = streamFormats({ ...nothing, transitGatewayIds: ['tgw-01234567'] });

    expect(formats).toEqual([logFields.join(' '), transitGatewayLogFields.join(' '), defaultFormat]);
    expect(ambiguities(formats.map((text) => parseFormat(text) as Format))).toEqual([]);
  });

  it('returns the format with tags first, and keeps the one without for older records, when there are tag fields', () => {
    const tagFields = { instance: ['Name'] };
    const formats = streamFormats({ ...nothing, tagFields, transitGatewayIds: ['tgw-01234567'] });

    expect(formats).toEqual([
      logFieldsWith(tagFields).join(' '),
      transitGatewayLogFields.join(' '),
      defaultFormat,
      logFields.join(' '),
    ]);
    expect(ambiguities(formats.map((text) => parseFormat(text) as Format))).toEqual([]);
  });

  it("returns the format of each log group once, and AWS's default when a log group has none", () => {
    const logGroups = [
      { name: 'a' },
      { name: 'b', format: '${version} ${srcaddr} ${bytes}' },
      { name: 'c', format: 'version,srcaddr,bytes' },
    ];

    expect(streamFormats({ ...nothing, logGroups })).toEqual([
      logFields.join(' '),
      defaultFormat,
      'version srcaddr bytes',
    ]);
    expect(streamFormats({ ...nothing, logFormats: [], logGroups: [{ name: 'a' }] })).toContain(defaultFormat);
  });

  it('fails when the formats do not fit into the environment of a function', () => {
    const logFormats = logFields.map((_, index) => logFields.slice(index).join(' '));

    expect(() => streamFormats({ ...nothing, logFormats })).toThrow('expected at most 3000');
  });
});
