import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { warnOfMonitoredNetworks } from '../../../lib/detector/monitored-network-warnings.ts';
import { parseNetworks } from '../../../sigma/compile/monitored-network.ts';
import { buildStack, createApp } from '../synthesis.ts';
import { warningsOf } from '../warnings.ts';

const nothing = { logGroups: [], logFormats: [defaultFormat], senderAccountIds: [] };

function warningsFor(networks: readonly string[], sources: Partial<Parameters<typeof warnOfMonitoredNetworks>[2]>) {
  const stack = new Stack(createApp({}), 'Test');
  warnOfMonitoredNetworks(stack, parseNetworks(networks), { ...nothing, ...sources });
  return warningsOf(stack);
}

const wide =
  'monitoredNetworks has 10.0.0.0/8: accepted traffic from hosts in 10.0.0.0/8 without flow logs is not counted; name the ' +
  'CIDR blocks of the logged VPCs, and watch the metric DuplicateObservations';

describe('warnOfMonitoredNetworks', () => {
  it('adds a warning for each network that is wider than a VPC', () => {
    expect(warningsFor(['10.0.0.0/8', '10.0.0.0/16', 'fc00::/7'], {})).toEqual([
      wide,
      expect.stringContaining('from hosts in fc00::/7 without flow logs'),
    ]);
  });

  it('adds a warning that flows count twice when further flow logs have flow-direction and no network is named', () => {
    const directed = { name: 'a', format: logFormat };
    const sources = { logGroups: [directed], logFormats: [logFormat], senderAccountIds: ['123456789012'] };
    expect(warningsFor([], sources)).toEqual([
      'logGroups, logFormats, senderAccountIds: a flow that is logged at both of its ends counts twice; name the CIDR ' +
        'blocks of the logged VPCs in monitoredNetworks',
    ]);
    expect(warningsFor(['10.0.0.0/16'], sources)).toEqual([]);
  });

  it('adds no warning when no format of further flow logs has flow-direction', () => {
    expect(warningsFor([], { logGroups: [{ name: 'a' }, { name: 'b', format: defaultFormat }] })).toEqual([]);
  });

  it('adds its warnings when a stack is synthesized', () => {
    expect(warningsOf(buildStack({ context: { monitoredNetworks: '10.0.0.0/8' } }))).toContain(wide);
    expect(warningsOf(buildStack({ context: { senderAccountIds: '123456789012' } }))).toEqual([
      expect.stringMatching(/^senderAccountIds: a flow .* counts twice/),
    ]);
    const ofFormats = expect.stringContaining('the formats of some flow logs lack fields') as string;
    expect(warningsOf(buildStack())).toEqual([ofFormats]);
  });
});
