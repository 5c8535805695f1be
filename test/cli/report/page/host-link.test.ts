import { describe, expect, it } from 'vitest';
import { hostHash, hostOfHash } from '../../../../cli/report/page/host-link.ts';

describe('hostOfHash', () => {
  it.each(['10.0.1.5', '2001:db8::1'])('reads the host %s that hostHash writes', (address) => {
    expect(hostOfHash(hostHash(address))).toBe(address);
  });

  it('is undefined for filters', () => {
    expect(hostOfHash('#text=host')).toBeUndefined();
    expect(hostOfHash('')).toBeUndefined();
  });
});
