import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempt, burst, type Conversation, connection, session } from '../../../events/scenarios/conversation.ts';
import { Network } from '../../../events/scenarios/network.ts';
import { recordsOf } from '../../../events/scenarios/observations.ts';
import type { FlowRecord } from '../../../events/scenarios/record.ts';
import { epoch } from '../../support/flows.ts';

const network = new Network('test');
const [laptop, server, nat, outside] = ['10.1.0.10', '10.1.1.20', '10.1.9.9', '198.18.0.1'];
network.add(laptop, { behindNat: true });
network.add(server);
network.addNat(nat);

const ends = { client: laptop, server, clientPort: 40_000, port: 443 };
const seen = (conversation: Conversation) => [...recordsOf(conversation, network)];
const seenOnce = (conversation: Conversation) => [...new Set(seen(conversation).map(short))];
const short = ({ seenBy, src, dst, pktSrc, pktDst, direction, action, flags }: FlowRecord) => {
  const host = [laptop, server, nat].find((address) => network.interfaceOf(address) === seenBy);
  const packet = src === pktSrc && dst === pktDst ? '' : ` (${pktSrc} > ${pktDst})`;
  return `${host} ${direction} ${src} > ${dst}${packet} ${action} ${flags}`;
};

describe('recordsOf', () => {
  it('returns a record of each interface and direction, with all flags when the connection is short', () => {
    expect(seen(connection(ends, epoch, 0, 500, 5000)).map(short)).toEqual([
      `${laptop} egress ${laptop} > ${server} ACCEPT 3`,
      `${server} ingress ${laptop} > ${server} ACCEPT 3`,
      `${server} egress ${server} > ${laptop} ACCEPT 19`,
      `${laptop} ingress ${server} > ${laptop} ACCEPT 19`,
    ]);
  });

  it('returns a record a minute, without flags between first and last, when the connection is long', () => {
    const flags = seen(connection(ends, epoch, 299, 1_000_000, 0)).filter(
      ({ src, direction }) => src === laptop && direction === 'egress',
    );
    expect(flags.map((record) => record.flags)).toEqual([2, 0, 0, 0, 0, 1]);
  });

  it('returns the reject where it happens, and the accepts before it', () => {
    expect(seenOnce(attempt(ends, epoch, 'refused by source'))).toEqual([
      `${laptop} egress ${laptop} > ${server} REJECT 2`,
    ]);
    expect(seenOnce(attempt(ends, epoch, 'refused by target'))).toEqual([
      `${laptop} egress ${laptop} > ${server} ACCEPT 2`,
      `${server} ingress ${laptop} > ${server} REJECT 2`,
    ]);
    expect(seenOnce(attempt(ends, epoch, 'reply refused'))).toEqual([
      `${laptop} egress ${laptop} > ${server} ACCEPT 2`,
      `${server} ingress ${laptop} > ${server} ACCEPT 2`,
      `${server} egress ${server} > ${laptop} REJECT 18`,
    ]);
  });

  it('has the packet addresses when a NAT gateway is in between', () => {
    expect(seen(connection({ ...ends, server: outside }, epoch, 0, 500, 5000)).map(short)).toEqual([
      `${laptop} egress ${laptop} > ${outside} ACCEPT 3`,
      `${nat} ingress ${laptop} > ${nat} (${laptop} > ${outside}) ACCEPT 3`,
      `${nat} egress ${nat} > ${outside} ACCEPT 3`,
      `${nat} ingress ${outside} > ${nat} ACCEPT 19`,
      `${nat} egress ${nat} > ${laptop} (${outside} > ${laptop}) ACCEPT 19`,
      `${laptop} ingress ${outside} > ${laptop} ACCEPT 19`,
    ]);
    expect(network.pairsOf(laptop, outside)).toEqual([
      [laptop, outside],
      [nat, outside],
    ]);
    expect(network.pairsOf(laptop, server)).toEqual([[laptop, server]]);
  });

  it('counts every byte and packet once at each interface, in records of at most a minute', () => {
    const anyBurst = fc.record({
      gap: fc.nat(500),
      seconds: fc.nat(400),
      sent: fc.nat(10_000_000),
      received: fc.nat(10_000),
    });
    fc.assert(
      fc.property(fc.array(anyBurst, { minLength: 1, maxLength: 20 }), (drawn) => {
        let time = epoch;
        const bursts = drawn.map(({ gap, seconds, sent, received }) => {
          const one = burst(time + gap, seconds, sent, received);
          time = one.to;
          return one;
        });
        const records = seen(session(ends, bursts));
        const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
        for (const direction of ['ingress', 'egress']) {
          for (const [src, way] of [
            [laptop, 'sent'],
            [server, 'received'],
          ] as const) {
            const own = records.filter((record) => record.src === src && record.direction === direction);
            expect(sum(own.map(({ bytes }) => bytes))).toBe(sum(bursts.map((one) => one[way].bytes)));
            expect(sum(own.map(({ packets }) => packets))).toBe(sum(bursts.map((one) => one[way].packets)));
            expect(new Set(own.map(({ due }) => due)).size).toBe(own.length);
          }
        }
        for (const { start, end, due, packets } of records) {
          expect(packets).toBeGreaterThan(0);
          expect(start).toBeGreaterThanOrEqual(due - 60);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThan(due);
        }
      }),
    );
  });
});
