/** Returns the name of an IP protocol (IANA, "Protocol Numbers") in lower case; undefined for a rare one. */
export function protocolName(protocol: string): string | undefined {
  return protocols[protocol];
}

const protocols: Record<string, string> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipv4',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  89: 'ospfigp',
  132: 'sctp',
};

/**
 * Returns the usual service of a port over TCP or UDP; undefined for any other port or protocol. Sources: IANA, "Service
 * Name and Transport Protocol Port Number Registry", and the servers' documentation.
 *
 * @param protocol the number of the IP protocol
 */
export function serviceName(port: string, protocol: string): string | undefined {
  if (protocol === '6') return overTcp[port] ?? overBoth[port];
  if (protocol === '17') return overUdp[port] ?? overBoth[port];
  return undefined;
}

const overBoth: Record<string, string> = {
  53: 'dns',
  88: 'kerberos',
  111: 'rpcbind',
  389: 'ldap',
  443: 'https',
  2049: 'nfs',
  3389: 'rdp',
  5060: 'sip',
  11211: 'memcached',
};

const overTcp: Record<string, string> = {
  20: 'ftp-data',
  21: 'ftp',
  22: 'ssh',
  23: 'telnet',
  25: 'smtp',
  80: 'http',
  110: 'pop3',
  135: 'msrpc',
  139: 'netbios',
  143: 'imap',
  179: 'bgp',
  445: 'smb',
  465: 'smtps',
  512: 'rexec',
  513: 'rlogin',
  514: 'rsh',
  587: 'submission',
  636: 'ldaps',
  853: 'dns over tls',
  873: 'rsync',
  993: 'imaps',
  995: 'pop3s',
  1433: 'sql server',
  1521: 'oracle',
  2181: 'zookeeper',
  2375: 'docker',
  2376: 'docker over tls',
  2379: 'etcd',
  3128: 'http proxy',
  3306: 'mysql',
  5432: 'postgresql',
  5439: 'redshift',
  5671: 'amqps',
  5672: 'amqp',
  5900: 'vnc',
  5985: 'winrm',
  5986: 'winrm over tls',
  6379: 'redis',
  6443: 'kubernetes',
  8080: 'http',
  8443: 'https',
  9042: 'cassandra',
  9092: 'kafka',
  9200: 'elasticsearch',
  10250: 'kubelet',
  27017: 'mongodb',
};

const overUdp: Record<string, string> = {
  67: 'dhcp',
  68: 'dhcp',
  69: 'tftp',
  123: 'ntp',
  137: 'netbios',
  138: 'netbios',
  161: 'snmp',
  162: 'snmp trap',
  500: 'ike',
  514: 'syslog',
  1194: 'openvpn',
  1900: 'ssdp',
  4500: 'ipsec',
  4789: 'vxlan',
  5353: 'mdns',
  51820: 'wireguard',
};

/** Returns the names of the bits in `tcp-flags` (VPC User Guide, "Flow log records"): `SYN ACK` for 18, `none` for 0. */
export function tcpFlagNames(flags: string): string {
  const set = Number(flags);
  return flagNames.filter((_, bit) => (set & (1 << bit)) !== 0).join(' ') || 'none';
}

const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
