import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import { mergeFindings } from '../../../lambda/context/merge-findings.ts';
import { readFinding } from '../../../lambda/context/read-finding.ts';
import { eventTime, findingOf, rawInterface, remoteDetails, timeAfter } from '../../support/context-events.ts';

interface State {
  readonly updated: number;
  readonly count: number;
  readonly first: number;
  readonly remote: number;
  readonly port: number;
  readonly interface: number;
}

const state = fc.record({
  // Few times, so that some states have the same.
  updated: fc.nat(40),
  count: fc.nat(3),
  first: fc.nat(99),
  remote: fc.nat(60),
  port: fc.integer({ min: 1, max: 60 }),
  interface: fc.nat(2),
});

/** Two states that were updated at the same time are the same state: GuardDuty writes one at a time. */
const states = fc.uniqueArray(state, { minLength: 1, maxLength: 40, selector: ({ updated }) => updated });

function findingIn({ updated, count, first, remote, port, interface: id }: State): GuardDutyFinding {
  const networkInterfaces = [rawInterface({ networkInterfaceId: `eni-${id}`, privateIpAddress: `10.0.1.${remote}` })];
  const read = readFinding(
    findingOf({
      severity: count + 3,
      updatedAt: timeAfter(updated),
      resource: { instanceDetails: { networkInterfaces } },
      service: {
        count,
        eventFirstSeen: timeAfter(first - 1000),
        action: {
          networkConnectionAction: {
            localIpDetails: null,
            localPortDetails: { port },
            remoteIpDetails: remoteDetails(`203.0.113.${remote}`),
          },
        },
      },
    }),
  );
  if ('problem' in read) throw new Error(read.problem);
  return read.finding;
}

const mergeAll = (all: readonly State[]) => all.map(findingIn).reduce(mergeFindings);

describe('mergeFindings', () => {
  it('keeps what the latest state says, and the lists of all', () => {
    const base = { updated: 10, count: 3, first: 0, remote: 1, port: 22, interface: 0 };
    const earlier = { ...base, updated: 5, count: 1, first: 7, remote: 2, port: 23, interface: 1 };
    const merged = mergeAll([base, earlier]);
    expect(merged).toMatchObject({
      updated: eventTime + 10,
      count: 3,
      severity: 6,
      first: eventTime - 1000,
      isOfInterface: true,
      remotes: ['203.0.113.1', '203.0.113.2'],
      remoteTimes: [eventTime + 10, eventTime + 5],
      localPorts: [22, 23],
      hosts: [{ interface: 'eni-0' }, { interface: 'eni-1' }],
    });
  });

  it('does not depend on the order and the repetition of deliveries', () => {
    const deliveries = states.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray([...all, ...all, ...all], { minLength: all.length * 3, maxLength: all.length * 3 }),
      ),
    );
    fc.assert(
      fc.property(deliveries, ([all, delivered]) => {
        expect(mergeAll(delivered)).toEqual(mergeAll(all));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the latest remotes of all states', () => {
    fc.assert(
      fc.property(states, (all) => {
        const merged = mergeAll(all);
        const latest = all.toSorted((a, b) => b.updated - a.updated);
        const remotes = [...new Set(latest.map(({ remote }) => `203.0.113.${remote}`))].slice(0, 20);
        const ports = [...new Set(all.map(({ port }) => port))].sort((a, b) => a - b).slice(0, 20);
        expect(merged).toMatchObject({
          updated: eventTime + latest[0]!.updated,
          count: Math.max(1, latest[0]!.count),
          first: eventTime - 1000 + Math.min(...all.map(({ first }) => first)),
          remotes,
          localPorts: ports,
        });
      }),
      { numRuns: 60 },
    );
  });

  it('takes the same of two states with one time, in either order', () => {
    const [a, b] = [findingIn({ updated: 1, count: 1, first: 1, remote: 1, port: 1, interface: 1 })].flatMap((one) => [
      { ...one, title: 'a' },
      { ...one, title: 'b' },
    ]);
    expect(mergeFindings(a!, b!)).toEqual(mergeFindings(b!, a!));
  });

  it('takes the time of the state for remotes without times', () => {
    const { remoteTimes: _, ...one } = findingIn({ updated: 1, count: 1, first: 1, remote: 1, port: 1, interface: 1 });
    expect(mergeFindings(one, one).remoteTimes).toEqual([eventTime + 1]);
  });
});
