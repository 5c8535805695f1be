import type { Finding } from '../../../lambda/evaluate/finding.ts';
import { findingsOf } from '../../support/findings.ts';
import { directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { rulesOf } from '../../support/rules.ts';

const pair = 'group-by: [srcaddr, dstaddr], timespan: 1h';

const detections = { knock: 'REJECT', entry: 'ACCEPT' };

/** Returns a rule file with one correlation over the rejected flows (knock) and the accepted flows (entry). */
export function correlated(correlation: string, more = ''): string {
  const named = Object.entries(detections).filter(([name]) => `${correlation} ${more}`.includes(name));
  const texts = named.map(
    ([name, action]) => `
title: Some flow
name: ${name}
logsource: {product: aws, service: vpcflow}
detection: {selection: {action: ${action}}, condition: selection}
---`,
  );
  return `${texts.join('')}
title: Something to look at
description: Something happened.
level: low
tags: [attack.discovery, attack.exfiltration, attack.t1048.003]
correlation: {${correlation}}
${more}`;
}

const hours = (count: number, values: Record<string, string | number>) =>
  Array.from({ length: count }, (_, n) =>
    flowOf({ ...values, start: epoch - 6 * 3600 + n * 1080, end: epoch - 6 * 3600 + n * 1080 + 50 }),
  );

export const kinds: Record<string, () => Promise<Finding[]>> = {
  event_count: () =>
    findingsOf(
      Array.from({ length: 4 }, (_, n) =>
        flowOf(
          {
            action: 'REJECT',
            dstport: 22 + n,
            'flow-direction': 'ingress',
            'tcp-flags': 2,
            'instance-id': 'i-0123456789abcdef0',
            'subnet-id': 'subnet-1',
            'vpc-id': 'vpc-1',
            'reject-reason': 'BPA',
            region: 'ap-south-1',
          },
          formatOf(`${directed.names.join(' ')} tcp-flags instance-id subnet-id vpc-id region reject-reason`),
        ),
      ),
      rulesOf(
        correlated(
          `type: event_count, rules: [knock], ${pair}, condition: {gt: 1}`,
          'alert: {next: [Ask., Look., Think., Sleep., Ask again.], ended: true}\nfalsepositives: [a test]',
        ),
      ),
    ),
  value_count: () =>
    findingsOf(
      [80, 81].map((dstport) => flowOf({ dstport })),
      rulesOf(
        correlated(
          'type: value_count, rules: [entry], group-by: [srcaddr], timespan: 1h, condition: {gte: 2, field: dstport}',
        ),
      ),
    ),
  value_sum: () =>
    findingsOf(
      [flowOf({ bytes: 3_000_000 })],
      rulesOf(correlated(`type: value_sum, rules: [entry], ${pair}, condition: {gt: 1000000, field: bytes}`)),
    ),
  value_avg: () =>
    findingsOf(
      [1000, 4000].map((bytes) => flowOf({ bytes })),
      rulesOf(correlated(`type: value_avg, rules: [entry], ${pair}, condition: {gte: 2000, field: bytes}`)),
    ),
  value_percentile: () =>
    findingsOf(
      Array.from({ length: 30 }, () => flowOf({ bytes: 2_000_000 })),
      rulesOf(
        correlated(
          `type: value_percentile, rules: [entry], ${pair}, condition: {gt: 1000000, field: bytes, percentile: 95}`,
        ),
      ),
    ),
  temporal: () =>
    findingsOf(
      [flowOf({ action: 'REJECT' }), flowOf()],
      rulesOf(correlated(`type: temporal, rules: [knock, entry], ${pair}`)),
    ),
  temporal_ordered: () =>
    findingsOf(
      [flowOf({ action: 'REJECT', end: epoch }), flowOf({ end: epoch + 40 })],
      rulesOf(correlated(`type: temporal_ordered, rules: [knock, entry], ${pair}`)),
    ),
  active_slots: () =>
    findingsOf(
      hours(20, { bytes: 5000 }),
      rulesOf(
        correlated(
          'type: value_sum, rules: [entry], group-by: [srcaddr, dstaddr], timespan: 6h, condition: {gt: 0, field: bytes}',
          'flow_sentinel: {active_slots: {gte: 19}, slot: {lte: 50000, spread: 3}}',
        ),
      ),
    ),
  first_seen: () =>
    findingsOf(
      [flowOf({ bytes: 3_000_000 })],
      rulesOf(
        correlated(
          `type: value_sum, rules: [entry], ${pair}, condition: {gt: 1000000, field: bytes}`,
          'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}',
        ),
      ),
    ),
  silent: () =>
    findingsOf(
      [...hours(5, { action: 'REJECT' }), flowOf({ start: epoch - 60, end: epoch })],
      rulesOf(
        correlated(
          'type: event_count, rules: [knock], group-by: [interface-id], timespan: 6h, condition: {gte: 5}',
          'flow_sentinel: {silent: {for: 1h, while: entry}}',
        ),
      ),
    ),
};

/** The names of the kinds of rules. */
export const kindNames = Object.keys(kinds);

/** Returns the one finding of a kind. */
export async function findingOf(kind: string): Promise<Finding> {
  const [finding, ...others] = await kinds[kind]!();
  if (!finding || others.length > 0) throw new Error(`${kind} has ${finding ? 'several findings' : 'no finding'}`);
  return finding;
}
