import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Network, networkText, parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { isWiderThanVpc, parseMonitoredNetwork, parseNetworks } from '../../../sigma/compile/monitored-network.ts';

describe('parseMonitoredNetwork', () => {
  it.each([
    ['0.0.0.0/0', 8],
    ['10.0.0.0/7', 8],
    ['128.0.0.0/1', 8],
    ['::/0', 16],
    ['2000::/3', 16],
    ['2600::/12', 16],
    ['f800::/5', 16],
  ])('refuses %s, which contains public addresses wholesale', (text, length) => {
    expect(parseMonitoredNetwork(text)).toEqual({
      problem: `${text} is too wide: accepted flows from the internet would not be counted, expected the CIDR blocks of the logged VPCs, such as 10.0.0.0/16, no wider than /${length}`,
    });
  });

  it.each(['10.0.0.0/8', '100.64.0.0/10', '198.18.0.0/15', '2600::/16', '2001:db8::/56', 'fc00::/7', 'fd00::/8'])(
    'accepts %s',
    (text) => {
      expect(parseMonitoredNetwork(text)).toEqual(parseNetwork(text));
    },
  );

  it('refuses a text that is not a network', () => {
    expect(parseMonitoredNetwork('10.0.0.1/8')).toEqual(parseNetwork('10.0.0.1/8'));
  });
});

describe('isWiderThanVpc', () => {
  const isWide = (text: string) => parseNetworks([text]).map(isWiderThanVpc);

  it.each(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', '10.2.0.0/15', 'fd00::/40'])(
    'holds for %s, a private range or wider than a VPC',
    (text) => {
      expect(isWide(text)).toEqual([true]);
    },
  );

  it.each(['10.0.0.0/16', '172.31.0.0/16', '192.168.0.0/17', '198.18.0.0/16', '2001:db8::/44', '2001:db8::/56'])(
    'does not hold for %s, which may be a VPC',
    (text) => {
      expect(isWide(text)).toEqual([false]);
    },
  );
});

describe('networkText', () => {
  it('returns the text that parses to the same network', () => {
    const network = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128))
      .map(([address, length]) => parseNetwork(`${address}/${length}`))
      .filter((parsed): parsed is Network => !('problem' in parsed));
    const masked = fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '::/0', 'fc00::/7', '2001:db8::/56').map(parseNetwork);
    fc.assert(
      fc.property(fc.oneof(network, masked as fc.Arbitrary<Network>), (given) => {
        expect(parseNetwork(networkText(given))).toEqual(given);
      }),
    );
  });
});
