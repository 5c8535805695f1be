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

  it.each([
    [
      '6',
      `20 ftp-data, 21 ftp, 22 ssh, 23 telnet, 25 smtp, 53 dns, 80 http, 88 kerberos, 110 pop3, 111 rpcbind,
    135 msrpc, 139 netbios, 143 imap, 179 bgp, 389 ldap, 443 https, 445 smb, 465 smtps, 512 rexec, 513 rlogin,
    514 rsh, 587 submission, 636 ldaps, 853 dns over tls, 873 rsync, 993 imaps, 995 pop3s, 1433 sql server,
    1521 oracle, 2049 nfs, 2181 zookeeper, 2375 docker, 2376 docker over tls, 2379 etcd, 3128 http proxy,
    3306 mysql, 3389 rdp, 5060 sip, 5432 postgresql, 5439 redshift, 5671 amqps, 5672 amqp, 5900 vnc,
    5985 winrm, 5986 winrm over tls, 6379 redis, 6443 kubernetes, 8080 http, 8443 https, 9042 cassandra,
    9092 kafka, 9200 elasticsearch, 10250 kubelet, 11211 memcached, 27017 mongodb`,
    ],
    [
      '17',
      `53 dns, 67 dhcp, 68 dhcp, 69 tftp, 88 kerberos, 111 rpcbind, 123 ntp, 137 netbios, 138 netbios, 161 snmp,
    162 snmp trap, 389 ldap, 443 https, 500 ike, 514 syslog, 1194 openvpn, 1900 ssdp, 2049 nfs, 3389 rdp,
    4500 ipsec, 4789 vxlan, 5060 sip, 5353 mdns, 11211 memcached, 51820 wireguard`,
    ],
  ])('has these services of protocol %s, and no others', (protocol, services) => {
    const named = Array.from({ length: 65_536 }, (_, port) => [port, serviceName(String(port), protocol)] as const);
    const texts = named.filter(([, name]) => name !== undefined).map(([port, name]) => `${port} ${name}`);
    expect(texts).toEqual(services.split(/,\s+/));
  });

  it('has the names of IANA for these protocols, and no others', () => {
    const named = Array.from({ length: 256 }, (_, number) => [number, protocolName(String(number))] as const);
    expect(Object.fromEntries(named.filter(([, name]) => name !== undefined))).toEqual({
      ...{ 1: 'icmp', 2: 'igmp', 4: 'ipv4', 6: 'tcp', 17: 'udp', 41: 'ipv6', 47: 'gre', 50: 'esp', 51: 'ah' },
      ...{ 58: 'ipv6-icmp', 89: 'ospfigp', 132: 'sctp' },
    });
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
    ['8', 'PSH'],
    ['63', 'FIN SYN RST PSH ACK URG'],
    ['64', 'none'],
  ])('names the TCP flags %s as %s', (flags, names) => {
    expect(tcpFlagNames(flags)).toBe(names);
  });
});
