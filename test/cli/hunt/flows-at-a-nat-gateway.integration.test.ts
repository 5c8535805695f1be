import { describe, expect, it } from 'vitest';
import { directed, lineOf, v2 } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();

describe('hunts at a NAT gateway', () => {
  const gateway = { 'interface-id': 'eni-0123456789abcdef0' };
  const target = '198.51.100.20';
  const host = { srcaddr: '10.0.1.5', dstaddr: target, bytes: 200_000_000, 'flow-direction': 'egress' };
  const leg = { srcaddr: '10.0.1.5', dstaddr: '10.0.0.9', 'pkt-srcaddr': '10.0.1.5', 'pkt-dstaddr': target };
  const own = { srcaddr: '10.0.0.9', dstaddr: target, 'pkt-srcaddr': '10.0.0.9', 'pkt-dstaddr': target };
  const records = [
    host,
    { ...leg, ...gateway, bytes: 200_000_000, 'flow-direction': 'ingress' },
    { ...own, ...gateway, bytes: 200_000_000, 'flow-direction': 'egress' },
  ];
  const write = (name: string, some: readonly Record<string, string | number>[], format = directed) =>
    writeLog(folder, name, [format.names.join(' '), ...some.map((one) => lineOf(one, format))]);
  const rows = async (...args: string[]) => JSON.parse((await run('hunt', ...args, '--json')).stdout) as unknown[];

  it('show a flow once with its bytes once, and name the gateway that also logged it', async () => {
    expect(await rows('exfiltration', write('nat.log', records))).toMatchObject([
      { src: '10.0.1.5', dst: target, total_bytes: 200_000_000, flows: 1, also_seen_at: 'eni-0123456789abcdef0' },
    ]);
  });

  it('show the flow of a host whose own interface has no flow log', async () => {
    expect(await rows('exfiltration', write('only-nat.log', records.slice(1)))).toMatchObject([
      { src: '10.0.1.5', dst: target, total_bytes: 200_000_000, flows: 1, also_seen_at: null },
    ]);
  });

  it('show the flows of the gateway when its address is asked for', async () => {
    const path = write('asked.log', records);
    expect(await rows('host', '10.0.0.9', path)).toMatchObject([{ direction: 'to', peer: target }]);
    expect(await rows('host', target, path)).toMatchObject([{ direction: 'from', peer: '10.0.1.5' }]);
    expect(await rows('pair', '10.0.0.9', target, path)).toMatchObject([{ src: '10.0.0.9', total_bytes: 200_000_000 }]);
  });

  it('keep the traffic of a second address of an interface', async () => {
    const pod = { srcaddr: '10.0.1.5', 'pkt-srcaddr': '10.0.1.77', dstaddr: target, 'pkt-dstaddr': target };
    const path = write('pod.log', [{ ...pod, bytes: 200_000_000, 'flow-direction': 'egress' }]);
    expect(await rows('exfiltration', path)).toMatchObject([
      { src: '10.0.1.77', total_bytes: 200_000_000, also_seen_at: null },
    ]);
  });

  it('show a flow between second addresses once when both of its interfaces logged it', async () => {
    const sent = { srcaddr: '10.0.1.5', 'pkt-srcaddr': '10.0.1.77', dstaddr: '10.0.2.88', 'pkt-dstaddr': '10.0.2.88' };
    const received = {
      srcaddr: '10.0.1.77',
      'pkt-srcaddr': '10.0.1.77',
      dstaddr: '10.0.2.6',
      'pkt-dstaddr': '10.0.2.88',
    };
    const both = [
      { ...sent, bytes: 1000, 'flow-direction': 'egress' },
      { ...received, ...gateway, bytes: 1000, 'flow-direction': 'ingress' },
    ];
    const of = ['10.0.1.77', write('pods.log', both), '--monitored-networks', '10.0.0.0/16'];
    expect(await rows('host', ...of)).toMatchObject([{ peer: '10.0.2.88', flows: 1, total_bytes: 1000 }]);
  });

  it('show a flow of a second address once when a NAT gateway logged it too', async () => {
    const pod = { ...host, 'pkt-srcaddr': '10.0.1.77', 'pkt-dstaddr': target };
    const podLeg = { ...leg, ...gateway, srcaddr: '10.0.1.77', 'pkt-srcaddr': '10.0.1.77', bytes: 200_000_000 };
    const path = write('pod-nat.log', [pod, { ...podLeg, 'flow-direction': 'ingress' }]);
    expect(await rows('exfiltration', path, '--monitored-networks', '10.0.0.0/16')).toMatchObject([
      { src: '10.0.1.77', dst: target, flows: 1, total_bytes: 200_000_000 },
    ]);
  });

  it('say that gateways cannot be recognized when the format has no packet addresses', async () => {
    const { stdout } = await run('hunt', 'exfiltration', write('v2.log', records, v2));
    expect(stdout).toContain(
      'The log format has no pkt-srcaddr and pkt-dstaddr: flows through a NAT gateway also appear as the flows of the gateway.\n',
    );
    expect((await run('hunt', 'exfiltration', write('nat2.log', records))).stdout).not.toContain('pkt-srcaddr');
  });
});
