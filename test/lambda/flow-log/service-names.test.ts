import { describe, expect, it } from 'vitest';
import { protocolName, serviceName, tcpFlagNames } from '../../../lambda/flow-log/service-names.ts';

describe('service names', () => {
  it.each([
    ['22', '6', 'ssh'],
    ['53', '17', 'dns'],
    ['53', '6', 'dns'],
    ['514', '17', 'syslog'],
    ['514', '6', 'rsh'],
    ['22', '17', undefined],
    ['443', '1', undefined],
    ['50000', '6', undefined],
  ])('names port %s of protocol %s as %s', (port, protocol, name) => {
    expect(serviceName(port, protocol)).toBe(name);
  });

  it('names common protocols', () => {
    expect(['6', '17', '1', '58', '254'].map(protocolName)).toEqual(['tcp', 'udp', 'icmp', 'ipv6-icmp', undefined]);
  });

  it.each([
    ['0', 'none'],
    ['2', 'SYN'],
    ['3', 'FIN SYN'],
    ['18', 'SYN ACK'],
    ['4', 'RST'],
  ])('names the TCP flags %s as %s', (flags, names) => {
    expect(tcpFlagNames(flags)).toBe(names);
  });
});
