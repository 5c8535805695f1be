import { describe, expect, it } from 'vitest';
import { logFields, transitGatewayLogFields } from '../../../lambda/flow-log/deployed-format.ts';
import { ambiguities, defaultFormat, type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { streamFormats } from '../../../lib/ingest/stream-formats.ts';

const nothing = { logFormats: [defaultFormat], logGroups: [], transitGatewayIds: [] };

describe('stream formats', () => {
  it('are our own and those of the settings', () => {
    expect(streamFormats(nothing)).toEqual([logFields.join(' '), defaultFormat]);
  });

  it('have that of transit gateways where there are some, and none is taken for another', () => {
    const formats = streamFormats({ ...nothing, transitGatewayIds: ['tgw-01234567'] });

    expect(formats).toEqual([logFields.join(' '), transitGatewayLogFields.join(' '), defaultFormat]);
    expect(ambiguities(formats.map((text) => parseFormat(text) as Format))).toEqual([]);
  });

  it("have each log group's, once however it is written: AWS's default where it says none", () => {
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

  it('fail when they do not fit into the environment of a function', () => {
    const logFormats = logFields.map((_, index) => logFields.slice(index).join(' '));

    expect(() => streamFormats({ ...nothing, logFormats })).toThrow('expected at most 3000');
  });
});
