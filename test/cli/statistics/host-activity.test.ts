import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostActivityCounter, type HostFlow } from '../../../cli/statistics/host-activity.ts';
import { epoch } from '../../support/flows.ts';

const flowOf = (values: Partial<HostFlow> = {}): HostFlow => ({
  ...{ src: 'a', dst: 'b', at: epoch, bytes: 10, rejects: 0 },
  ...{ protocol: 6, srcport: 40_000, dstport: 443 },
  ...values,
});

function counted(flows: readonly HostFlow[], maxRows?: number) {
  const counter = new HostActivityCounter(maxRows);
  for (const flow of flows) counter.add(flow);
  return counter.read();
}

const rowsOf = ({ hosts }: ReturnType<typeof counted>) =>
  hosts.reduce((sum, { ports, intervals }) => sum + ports.length + intervals.length, 0);

describe('HostActivityCounter', () => {
  it('has the sums of the flows of each host for any flows', () => {
    const anyFlow = fc.record({
      src: fc.constantFrom('a', 'b', 'c'),
      dst: fc.constantFrom('a', 'b', 'd'),
      at: fc.option(fc.integer({ min: epoch, max: epoch + 90_000 }), { nil: undefined }),
      bytes: fc.oneof(fc.nat(), fc.constant(2n ** 62n)),
      rejects: fc.nat(1),
      protocol: fc.constantFrom(1, 6, undefined),
      srcport: fc.constantFrom(0, 22, 50_000, undefined),
      dstport: fc.constantFrom(22, 443, undefined),
    });
    fc.assert(
      fc.property(fc.array(anyFlow, { maxLength: 60 }), (flows) => {
        const { hosts, seconds } = counted(flows);
        expect(seconds).toBe(3600);
        for (const address of 'abcd') {
          const own = flows.filter(({ src, dst }) => src === address || dst === address);
          const host = hosts.find((one) => one.address === address);
          expect(host !== undefined).toBe(own.length > 0);
          if (!host) continue;
          const sumOf = (rows: readonly (readonly (number | bigint)[])[]) =>
            [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + BigInt(row[column]!), 0n));
          const expected = (part: readonly HostFlow[]) =>
            sumOf(part.map(({ bytes, rejects }) => [0, bytes, rejects, 1]));
          expect(sumOf(host.ports.map(([, ...row]) => row))).toEqual(expected(own));
          expect(sumOf(host.intervals)).toEqual(expected(own.filter(({ at }) => at !== undefined)));
        }
      }),
    );
  });

  it('counts a flow at the lower port, the protocol and the hour of its end', () => {
    const { hosts } = counted([
      flowOf(),
      flowOf({ src: 'b', dst: 'a', srcport: 443, dstport: 40_000, at: epoch + 3599 }),
    ]);
    expect(hosts[0]).toEqual({ address: 'a', ports: [[6, 443, 20, 0, 2]], intervals: [[epoch, 20, 0, 2]] });
  });

  it('sums the quieter ports of a scanned host', () => {
    const scan = Array.from({ length: 1000 }, (_, n) => flowOf({ dstport: n + 1, rejects: 1, bytes: 0 }));
    const busy = Array.from({ length: 50 }, () => flowOf());
    const [host] = counted([...busy, ...scan]).hosts;
    expect(host!.ports.length).toBeLessThanOrEqual(100);
    expect(host!.ports[0]).toEqual([6, 443, 500, 1, 51]);
    const rejects = host!.ports.reduce((sum, [, , , count]) => sum + count, host!.otherPorts![1]);
    expect(rejects).toBe(1000);
  });

  it('has longer intervals when there are too many rows', () => {
    const flows = Array.from({ length: 240 }, (_, n) => flowOf({ at: epoch + n * 3600 }));
    const result = counted(flows, 100);
    expect(result.seconds).toBe(21_600);
    expect(result.hosts.every(({ isPartial }) => isPartial === undefined)).toBe(true);
    expect(result.hosts[0]!.intervals.reduce((sum, [, , , count]) => sum + count, 0)).toBe(240);
  });

  it('drops the quietest hosts when there are too many, and marks those that come later', () => {
    const busy = Array.from({ length: 50 }, () => flowOf({ src: 'busy', dst: 'server' }));
    const sweep = Array.from({ length: 5000 }, (_, n) => flowOf({ src: `host${n}`, dst: 'server' }));
    const result = counted([...busy, ...sweep], 1000);
    expect(rowsOf(result)).toBeLessThanOrEqual(1000);
    const server = result.hosts.find(({ address }) => address === 'server')!;
    expect(server).toMatchObject({ ports: [[6, 443, 50_500, 0, 5050]] });
    expect(server.isPartial).toBeUndefined();
    expect(result.hosts.find(({ address }) => address === 'busy')!.isPartial).toBeUndefined();
    expect(result.hosts.find(({ address }) => address === 'host4999')).toMatchObject({ isPartial: true });
  });
});
