import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { logFormat, logFormatWith, transitGatewayLogFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import type { TagFields } from '../../../lambda/flow-log/tag-fields.ts';
import { warnOfBlindRules } from '../../../lib/ingest/blind-rule-warnings.ts';
import { formatSources } from '../../../lib/ingest/format-sources.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { networks, ruleSetOf, ruleText } from '../../support/rules.ts';
import { buildStack, createApp } from '../synthesis.ts';
import { warningsOf } from '../warnings.ts';

function blindWarnings(stack: Stack): string[] {
  return warningsOf(stack, 'flow-sentinel:blindRules');
}

function warningsFor(...formats: { name: string; format: string }[]): string[] {
  const stack = new Stack(createApp({}), 'Test');
  warnOfBlindRules(stack, compileRuleDirectory(), formatSources(formats));
  return blindWarnings(stack);
}

describe('warnOfBlindRules', () => {
  it('adds one warning for the stack that names flow logs, rules and fields when rules are blind', () => {
    const withoutDirection = logFormat.replace(' ${flow-direction}', '');
    const withoutFlags = logFormat.replace(' ${tcp-flags}', '');
    expect(
      warningsFor(
        { name: 'log group /vpc/a', format: withoutDirection },
        { name: 'log group /vpc/b', format: withoutDirection },
        { name: 'log group /vpc/c', format: withoutFlags },
        { name: "flow logs in the stack's format", format: logFormat },
      ),
    ).toEqual([
      [
        'the formats of some flow logs lack fields that rules need:',
        'log group /vpc/a, log group /vpc/b:',
        '  blind: needs flow-direction: rejected_egress (medium)',
        'log group /vpc/c:',
        '  blind: needs tcp-flags: admin_brute_force (high), probe_that_got_in (high), segmentation_policy (high), ' +
          'long_connection (low)',
        '  partly blind: needs tcp-flags: threat_list_traffic (high), horizontal_sweep (medium)',
        'Add the fields to the format of these flow logs: docs/deploy/log-sources.md#blind-rules',
      ].join('\n'),
    ]);
  });

  it('points to the VPCs behind a transit gateway when its flow logs lack fields, since no format of them has action', () => {
    const remedies = (...formats: string[]) =>
      warningsFor(...formats.map((format, index) => ({ name: `flow logs ${index}`, format })))[0]!
        .split('\n')
        .filter((line) => line.includes('docs/'));
    const ofGateways =
      'Transit gateways log no action. For counts and alerts, log the VPCs behind them: docs/deploy/log-sources.md#transit-gateways';
    expect(remedies(transitGatewayLogFormat)).toEqual([ofGateways]);
    expect(remedies(logFormat.replace(' ${tcp-flags}', ''), transitGatewayLogFormat)).toEqual([
      'Add the fields to the format of these flow logs: docs/deploy/log-sources.md#blind-rules',
      ofGateways,
    ]);
  });

  it('says which setting adds tags to the flow logs when a rule needs a tag', () => {
    const byTag = ruleSetOf(
      [
        ruleText(
          "{instance-tag: 'web server', tcp-flags: 2}",
          'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}',
        ),
      ],
      networks,
    );
    const remedyOf = (tagFields: TagFields, format = logFormatWith(tagFields)) => {
      const stack = new Stack(createApp({}), 'Test');
      warnOfBlindRules(stack, byTag, formatSources([{ name: 'a', format }]));
      return blindWarnings(stack).map((text) => text.split('\n').at(-1));
    };
    const setting =
      'For tags in the flow logs of the stack, set tagFields in flow-sentinel.json: docs/deploy/log-sources.md#tags-in-the-records';
    expect(remedyOf({ interface: ['Name'] })).toEqual([setting]);
    expect(remedyOf({}, defaultFormat)).toEqual([
      `${setting}. Add the fields to the format of these flow logs: docs/deploy/log-sources.md#blind-rules`,
    ]);
    expect(remedyOf({ instance: ['Name'] })).toEqual([]);
  });

  it('adds no warning when all flow logs have the fields', () => {
    expect(warningsFor({ name: 'all', format: logFormat })).toEqual([]);
  });
});

describe('the warning of a stack', () => {
  const monitoredNetworks = '10.0.0.0/16';

  it('names a log group when the log group has the default format', () => {
    const stack = buildStack({ context: { logGroups: [{ name: '/vpc/a' }] } });
    expect(blindWarnings(stack)).toEqual([expect.stringContaining('log group /vpc/a:\n  blind: needs tcp-flags: ')]);
  });

  it('names the default format when the settings name no source', () => {
    expect(blindWarnings(buildStack())).toEqual([
      expect.stringContaining("flow logs in AWS's default format, if you add any:\n"),
    ]);
  });

  it('is missing when the stack makes its own flow logs', () => {
    expect(blindWarnings(buildStack({ context: { vpcIds: 'vpc-01234567', monitoredNetworks } }))).toEqual([]);
  });

  it('says what transit gateways cannot show when the stack logs them', () => {
    const [text] = blindWarnings(buildStack({ context: { transitGatewayIds: 'tgw-01234567' } }));
    expect(text).toContain('flow logs of transit gateways:\n  blind: needs action: ');
  });
});
