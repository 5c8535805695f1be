import { describe, expect, it } from 'vitest';
import {
  contributionOf,
  isCounted,
  isDuplicateObservation,
  pairContributionOf,
} from '../../../lambda/flow-log/contribution.ts';
import { type Network, parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { directed, flowOf } from '../../support/flows.ts';

const monitored = [parseNetwork('10.0.0.0/8') as Network];
const bytes = { bytes: 1000, rejects: 0 };
const reject = { bytes: 0, rejects: 1 };

describe('the contribution of a flow', () => {
  it.each([
    ['an accepted flow', {}, bytes],
    ['a rejected flow', { action: 'REJECT' }, reject],
    ['a rejected flow without bytes', { action: 'REJECT', bytes: '-' }, reject],
    ['a flow without an action', { action: '-' }, undefined],
    ['an accepted flow without bytes', { bytes: '-' }, undefined],
    ['an accepted flow into a monitored network', { 'flow-direction': 'ingress' }, undefined],
    ['an accepted flow out of a monitored network', { 'flow-direction': 'egress' }, bytes],
    ['a rejected flow into a monitored network', { action: 'REJECT', 'flow-direction': 'ingress' }, reject],
    ['an accepted flow from outside', { srcaddr: '203.0.113.9', 'flow-direction': 'ingress' }, bytes],
    ['an accepted flow of an unknown source', { srcaddr: '-', 'flow-direction': 'ingress' }, bytes],
    ['a flow of 64 bits', { bytes: '9223372036854775807' }, { bytes: 9_223_372_036_854_775_807n, rejects: 0 }],
  ])('returns the contribution of %s', (_, values, expected) => {
    const flow = flowOf(values, directed);
    const hasPair = !('srcaddr' in values && values.srcaddr === '-');
    expect(contributionOf(flow, monitored)).toEqual(expected);
    expect(isCounted(flow, monitored)).toBe(expected !== undefined && hasPair);
    expect(pairContributionOf(flow, monitored)).toEqual(
      expected && hasPair ? { src: flow.value(3), dst: '10.0.2.7', ...expected } : undefined,
    );
  });

  it('needs both endpoints to count for a pair', () => {
    for (const values of [{ srcaddr: '-' }, { dstaddr: '-' }]) {
      expect(pairContributionOf(flowOf(values), [])).toBeUndefined();
      expect(isCounted(flowOf(values), [])).toBe(false);
    }
  });

  it('treats a flow as a duplicate only when it is accepted and enters from a monitored network', () => {
    const duplicate = (values: Record<string, string>) => isDuplicateObservation(flowOf(values, directed), monitored);
    expect(duplicate({ 'flow-direction': 'ingress' })).toBe(true);
    expect(duplicate({ 'flow-direction': 'ingress', action: 'REJECT' })).toBe(false);
    expect(duplicate({ 'flow-direction': 'ingress', action: '-' })).toBe(false);
    expect(duplicate({ 'flow-direction': 'egress' })).toBe(false);
    expect(duplicate({})).toBe(false);
    expect(duplicate({ 'flow-direction': 'ingress', 'pkt-srcaddr': '203.0.113.9' })).toBe(false);
  });

  it.each([
    ['a NAT gateway returns an answer from outside to a monitored host', {}, true],
    ['the format has no direction', { 'flow-direction': '-' }, false],
    ['the flow is rejected', { action: 'REJECT' }, false],
    ['the destination is outside, so that no other interface logs the flow', { 'pkt-dstaddr': '198.51.100.7' }, false],
    ['the destination is unknown', { dstaddr: '-' }, false],
    ['the source is a further address of the interface, in a monitored network', { 'pkt-srcaddr': '10.0.9.9' }, false],
    ['the source is the interface', { srcaddr: '203.0.113.9' }, false],
    ['the packet has no source', { 'pkt-srcaddr': '-', srcaddr: '203.0.113.9' }, false],
    ['the address of the interface is unknown', { srcaddr: '-' }, false],
  ])('decides on an egress flow of an outside source when %s', (_, values, expected) => {
    const answer = {
      srcaddr: '10.0.0.9',
      'pkt-srcaddr': '203.0.113.9',
      dstaddr: '10.0.1.5',
      'flow-direction': 'egress',
    };
    const flow = flowOf({ ...answer, ...values }, directed);
    expect(isDuplicateObservation(flow, monitored)).toBe(expected);
    expect(isDuplicateObservation(flow, [])).toBe(false);
  });

  it('counts an answer through a NAT gateway once, at its host', () => {
    const [outside, host, nat] = ['203.0.113.9', '10.0.1.5', '10.0.0.9'];
    const records = [
      { srcaddr: nat, dstaddr: host, 'pkt-srcaddr': outside, 'pkt-dstaddr': host, 'flow-direction': 'egress' },
      { srcaddr: outside, dstaddr: host, 'pkt-srcaddr': outside, 'pkt-dstaddr': host, 'flow-direction': 'ingress' },
    ];
    const counted = records.flatMap((values) => pairContributionOf(flowOf(values, directed), monitored) ?? []);
    expect(counted).toEqual([{ src: outside, dst: host, ...bytes }]);
  });
});
