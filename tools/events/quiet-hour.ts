import { type Random, seededRandom } from '../../events/scenarios/random.ts';

/** The start of the sample in epoch seconds: 2026-11-24 09:00:00 UTC. */
export const hourStart = 1_795_510_800;

const account = '123456789012';
const interfaceOf = (host: string) => `eni-0${Buffer.from(host).toString('hex').slice(-16).padStart(16, '0')}`;

interface Sample {
  readonly src: string;
  readonly dst: string;
  readonly srcport: number;
  readonly dstport: number;
  readonly packets: number;
  readonly bytes: number;
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly action: 'ACCEPT' | 'REJECT';
}

/** Formats a line of the interface of `host` in the default format. */
function lineOf(flow: Sample, host: string): string {
  const { src, dst, srcport, dstport, packets, bytes, start, end, action } = flow;
  return `2 ${account} ${interfaceOf(host)} ${src} ${dst} ${srcport} ${dstport} 6 ${packets} ${bytes} ${start} ${end} ${action} OK`;
}

const web = ['10.0.1.10', '10.0.1.11'];
const app = ['10.0.2.20', '10.0.2.21', '10.0.2.22'];
const database = '10.0.3.30';
const laptop = '10.0.9.90';
const bastion = '10.0.0.4';
/** Returns an internet address: the benchmarking network of RFC 2544, which nobody owns and no list has. */
const internet = (random: Random) => `198.${random.between(18, 19)}.${random.below(256)}.${random.between(1, 254)}`;

/**
 * Generates an hour of a small company with four hidden attacks: the lines and their end times, in order of time. The normal
 * traffic goes from customers to web, application and database servers. An administrator uses the bastion, and strangers
 * try a few closed ports.
 */
export function quietHour(): { readonly line: string; readonly end: number }[] {
  const random = seededRandom(20_261_124);
  const flows: [Sample, string][] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    for (let n = 0; n < 4; n += 1) {
      const [server, client] = [random.pick(web), internet(random)];
      const [backend, port] = [random.pick(app), random.between(32_768, 60_999)];
      conversation(client, server, port, 443, random.between(2000, 90_000), server);
      if (n < 2)
        conversation(server, backend, random.between(32_768, 60_999), 8080, random.between(1000, 20_000), server);
      if (n < 1)
        conversation(backend, database, random.between(32_768, 60_999), 5432, random.between(500, 60_000), backend);
    }
    if (minute % 10 === 3) knock(internet(random), random.pick(web), random.pick([23, 3389, 8081]));
    if (minute % 15 === 7) conversation(laptop, bastion, random.between(32_768, 60_999), 22, 6000, bastion);

    function at(): { start: number; end: number } {
      const start = hourStart + minute * 60 + random.below(20);
      return { start, end: start + random.between(5, 39) };
    }
    function conversation(
      client: string,
      server: string,
      srcport: number,
      dstport: number,
      bytes: number,
      host: string,
    ) {
      const [time, action] = [at(), 'ACCEPT' as const];
      const request = {
        src: client,
        dst: server,
        srcport,
        dstport,
        packets: 8,
        bytes: Math.ceil(bytes / 12),
        ...time,
        action,
      };
      const reply = {
        src: server,
        dst: client,
        srcport: dstport,
        dstport: srcport,
        packets: 12,
        bytes,
        ...time,
        action,
      };
      flows.push([request, host], [reply, host]);
    }
    function knock(src: string, dst: string, dstport: number) {
      flows.push([{ src, dst, srcport: 51_000, dstport, packets: 1, bytes: 40, ...at(), action: 'REJECT' }, dst]);
    }
  }
  flows.push(...attacks());
  return flows
    .map(([flow, host]) => ({ line: lineOf(flow, host), end: flow.end }))
    .sort((a, b) => a.end - b.end || (a.line < b.line ? -1 : 1));
}

/** Generates one attack for each of four rules; no attack matches another rule. */
function attacks(): [Sample, string][] {
  const at = (minute: number, second = 0) => {
    const start = hourStart + minute * 60 + second;
    return { start, end: start + 30 };
  };
  const flows: [Sample, string][] = [];
  // rejects_from_suspicious_ranges: three ports of a web server, from a network on the list.
  for (const [n, dstport] of [22, 3306, 6379].entries()) {
    const src = '203.0.113.66';
    flows.push([
      { src, dst: web[0]!, srcport: 40_000 + n, dstport, packets: 1, bytes: 40, ...at(12, n), action: 'REJECT' },
      web[0]!,
    ]);
  }
  // data_exfiltration: six uploads of 25 MB from the database, ten minutes apart.
  for (let n = 0; n < 6; n += 1) {
    const [dst, bytes] = ['198.19.77.7', 25_000_000];
    flows.push([
      {
        src: database,
        dst,
        srcport: 45_000 + n,
        dstport: 443,
        packets: 18_000,
        bytes,
        ...at(4 + 10 * n),
        action: 'ACCEPT',
      },
      database,
    ]);
  }
  // lateral_movement: an application server tries SSH on twelve hosts of the next subnet.
  for (let n = 0; n < 12; n += 1) {
    const [src, dst] = [app[1]!, `10.0.4.${100 + n}`];
    const [action, bytes] = n === 7 ? (['ACCEPT', 5200] as const) : (['REJECT', 40] as const);
    flows.push([{ src, dst, srcport: 46_000 + n, dstport: 22, packets: 1, bytes, ...at(31, 4 * n), action }, dst]);
  }
  // repeated_rejects: a laptop that wants to the database, every two minutes, fourteen times.
  for (let n = 0; n < 14; n += 1) {
    flows.push([
      {
        src: laptop,
        dst: database,
        srcport: 47_000 + n,
        dstport: 5432,
        packets: 1,
        bytes: 40,
        ...at(24 + 2 * n),
        action: 'REJECT',
      },
      database,
    ]);
  }
  return flows;
}
