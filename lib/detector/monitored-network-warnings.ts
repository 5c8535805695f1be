import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { parseFormat } from '../../lambda/flow-log/format.ts';
import { type Network, networkText } from '../../lambda/networks/ip-address.ts';
import { isWiderThanVpc } from '../../sigma/compile/monitored-network.ts';
import type { Settings } from '../settings/settings.ts';

/** The settings that name flow logs of others, whose networks are unknown at synth. */
type FurtherSources = Pick<Settings, 'logGroups' | 'logFormats' | 'senderAccountIds'>;

/**
 * Warns at synth about a monitored network that is wider than a VPC: accepted traffic of hosts in it without flow logs is
 * not counted. Without any network, warns about further flow logs with `flow-direction`, which count flows twice.
 */
export function warnOfMonitoredNetworks(
  scope: Construct,
  networks: readonly Network[],
  { logGroups, logFormats, senderAccountIds }: FurtherSources,
): void {
  for (const text of networks.filter(isWiderThanVpc).map(networkText)) {
    Annotations.of(scope).addWarningV2(
      `flow-sentinel:wideMonitoredNetwork:${text}`,
      `monitoredNetworks has ${text}: accepted traffic from hosts in ${text} without flow logs is not counted; name the ` +
        'CIDR blocks of the logged VPCs, and watch the metric DuplicateObservations',
    );
  }
  if (networks.length > 0) return;
  const sources = [
    ...(logGroups.some(({ format }) => hasDirection(format)) ? ['logGroups'] : []),
    ...(logFormats.some(hasDirection) ? ['logFormats'] : []),
    ...(senderAccountIds.length > 0 ? ['senderAccountIds'] : []),
  ];
  if (sources.length === 0) return;
  Annotations.of(scope).addWarningV2(
    'flow-sentinel:noMonitoredNetworks',
    `${sources.join(', ')}: a flow that is logged at both of its ends counts twice; name the CIDR blocks of the logged ` +
      'VPCs in monitoredNetworks',
  );
}

function hasDirection(text: string | undefined): boolean {
  const format = text === undefined ? undefined : parseFormat(text);
  return format !== undefined && 'indexOf' in format && format.indexOf.has('flow-direction');
}
