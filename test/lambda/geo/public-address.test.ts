import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../lambda/geo/geo-table.ts';

/** The first and the last address of each network that is not public. */
const special = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['224.0.0.0', '255.255.255.255'],
  ['::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::1', 'ff02::1'],
  ['::ffff:10.0.0.1', '::ffff:127.0.0.1'],
] as const;

/** The neighbours of these networks. */
const outside = [
  ['1.0.0.0', '9.255.255.255'],
  ['11.0.0.0', '100.63.255.255'],
  ['100.128.0.0', '126.255.255.255'],
  ['128.0.0.0', '169.253.255.255'],
  ['169.255.0.0', '172.15.255.255'],
  ['172.32.0.0', '191.255.255.255'],
  ['192.0.1.0', '192.167.255.255'],
  ['192.169.0.0', '223.255.255.255'],
  ['2000::', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['192.0.2.0', '2001:db8::1'],
  ['198.18.0.0', '198.19.255.255'],
] as const;

describe('isPublicAddress', () => {
  it.each(special)('rejects %s and %s', (first, last) => {
    expect([first, last].map(isPublicAddress)).toEqual([false, false]);
  });

  it.each(outside)('accepts %s and %s', (first, last) => {
    expect([first, last].map(isPublicAddress)).toEqual([true, true]);
  });
});
