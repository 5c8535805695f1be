import { describe, expect, it } from 'vitest';
import { defaultFormat, parseFormat } from '../../lambda/core/format.ts';
import { logFields, logFormat } from '../../lib/log-format.ts';

describe('log format', () => {
  it('is one that the function can read', () => {
    expect(parseFormat(logFormat)).toMatchObject({ names: logFields, version: 8 });
  });

  it('has every field of the default format, the version first and the log status last', () => {
    expect(logFields).toEqual(expect.arrayContaining(defaultFormat.split(' ')));
    expect([logFields[0], logFields.at(-1)]).toEqual(['version', 'log-status']);
  });

  it('has what counting needs: the direction, and the true ends behind a gateway', () => {
    expect(logFields).toEqual(expect.arrayContaining(['flow-direction', 'pkt-srcaddr', 'pkt-dstaddr']));
  });
});
