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

/** Returns whether GuardDuty finds the type in other data than flow logs. */
export function isIndependentType(type: string): boolean {
  return !ofFlowLogs.has(type);
}

/** Returns the level of a severity (GuardDuty User Guide, "Severity levels for GuardDuty findings"). */
export function levelOfSeverity(severity: number): Level {
  if (severity >= 9) return 'critical';
  if (severity >= 7) return 'high';
  return severity >= 4 ? 'medium' : 'low';
}
