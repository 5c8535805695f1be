import type { Level } from '../rules/level.ts';

/** The EC2 findings that come from flow logs (GuardDuty User Guide, "GuardDuty EC2 finding types"). */
const ofFlowLogs: ReadonlySet<string> = new Set([
  'Backdoor:EC2/C&CActivity.B',
  'Backdoor:EC2/DenialOfService.Dns',
  'Backdoor:EC2/DenialOfService.Tcp',
  'Backdoor:EC2/DenialOfService.Udp',
  'Backdoor:EC2/DenialOfService.UdpOnTcpPorts',
  'Backdoor:EC2/DenialOfService.UnusualProtocol',
  'Backdoor:EC2/Spambot',
  'Behavior:EC2/NetworkPortUnusual',
  'Behavior:EC2/TrafficVolumeUnusual',
  'CryptoCurrency:EC2/BitcoinTool.B',
  'DefenseEvasion:EC2/UnusualDNSResolver',
  'DefenseEvasion:EC2/UnusualDoHActivity',
  'DefenseEvasion:EC2/UnusualDoTActivity',
  'Impact:EC2/PortSweep',
  'Impact:EC2/WinRMBruteForce',
  'Recon:EC2/PortProbeEMRUnprotectedPort',
  'Recon:EC2/PortProbeUnprotectedPort',
  'Recon:EC2/Portscan',
  'Trojan:EC2/BlackholeTraffic',
  'Trojan:EC2/DropPoint',
  'UnauthorizedAccess:EC2/MaliciousIPCaller.Custom',
  'UnauthorizedAccess:EC2/RDPBruteForce',
  'UnauthorizedAccess:EC2/SSHBruteForce',
  'UnauthorizedAccess:EC2/TorClient',
  'UnauthorizedAccess:EC2/TorRelay',
]);

/** Actions that GuardDuty sees in flow logs, or in DNS logs if the type ends in `!DNS`. */
const networkActions = new Set(['NETWORK_CONNECTION', 'PORT_PROBE']);

/**
 * Returns whether GuardDuty finds the type in other data than flow logs. A type of EC2 that is not known, with an action of the
 * network, is taken to come from flow logs: a level is not raised by the same packets.
 */
export function isIndependentType(type: string, actionType: string | undefined): boolean {
  if (ofFlowLogs.has(type)) return false;
  const isOfDns = type.endsWith('!DNS');
  return isOfDns || !type.includes(':EC2/') || !networkActions.has(actionType ?? '');
}

/** Returns the level of a severity (GuardDuty User Guide, "Severity levels for GuardDuty findings"). */
export function levelOfSeverity(severity: number): Level {
  if (severity >= 9) return 'critical';
  if (severity >= 7) return 'high';
  return severity >= 4 ? 'medium' : 'low';
}
