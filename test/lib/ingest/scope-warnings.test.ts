import { describe, expect, it } from 'vitest';
import { Detector } from '../../../lib/detector/detector.ts';
import { buildStack, synthesize } from '../synthesis.ts';
import { warningsOf } from '../warnings.ts';

const logged = { vpcIds: 'vpc-0123456789abcdef0', monitoredNetworks: '10.0.0.0/16' };

const scopeWarnings = (context: Readonly<Record<string, unknown>>) =>
  warningsOf(buildStack({ context })).filter((text) => text.includes('of the scope'));

describe('a stack with the setting scope', () => {
  it('names the log groups whose format lacks the VPC when the scope is vpc', () => {
    const logGroups = [
      { name: '/vpc/a' },
      { name: '/vpc/b', format: 'srcaddr dstaddr start end bytes action account-id vpc-id' },
    ];
    const [text, ...others] = scopeWarnings({ ...logged, logGroups, scope: 'vpc' });
    expect(text).toContain(
      'the formats of some flow logs lack fields of the scope vpc, so their networks with the same addresses count together:\n  log group /vpc/a: needs vpc-id\nAdd the fields',
    );
    expect(others).toEqual([]);
    expect(scopeWarnings({ ...logged, logGroups, scope: 'account' })).toEqual([]);
    expect(scopeWarnings({ ...logged, logGroups })).toEqual([]);
  });

  it('has no warning for its own flow logs of VPCs and transit gateways', () => {
    expect(scopeWarnings({ ...logged, transitGatewayIds: 'tgw-01234567', scope: 'vpc' })).toEqual([]);
  });

  it('gives the scope to the function and to the commands', () => {
    const scopeOf = (context: object) => {
      const { node } = buildStack({ context: { ...logged, ...context } });
      return node.findAll().find((one) => one instanceof Detector)?.ruleSet;
    };
    expect(scopeOf({ scope: 'account' })).toMatchObject({ scope: 'account' });
    expect(scopeOf({})).not.toHaveProperty('scope');
    synthesize({ context: { scope: 'vpc' } }).hasOutput('CounterScope', { Value: 'vpc' });
    expect(synthesize().findOutputs('CounterScope')).toEqual({});
  });
});
