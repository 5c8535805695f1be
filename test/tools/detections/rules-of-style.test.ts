import { describe, expect, it } from 'vitest';
import { networkText } from '../../../lambda/networks/ip-address.ts';
import { rulesOfStyle } from '../../../tools/detections/rules-of-style.ts';

describe('rulesOfStyle', () => {
  it.each([
    ['office', ['10.20.0.0/16']],
    ['web-shop', ['10.0.0.0/16', '10.250.0.0/16', '10.251.0.0/16']],
    ['data-platform', ['10.250.0.0/16', '10.251.0.0/16', '10.30.0.0/16', 'fd00:30::/48']],
  ])('monitors the networks of the hosts of %s', (style, networks) => {
    expect(rulesOfStyle(style).monitoredNetworks.map(networkText)).toEqual(networks);
  });
});
