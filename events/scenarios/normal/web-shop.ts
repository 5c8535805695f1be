import { burst, type Conversation, connection, datagrams, ephemeral, session } from '../conversation.ts';
import { Network } from '../network.ts';
import { seededRandom } from '../random.ts';
import type { Style } from '../scenario.ts';
import { seedOf } from '../seed.ts';
import { at, dayEnd } from '../times.ts';
import { agents, internet, knock, lookups, polls, stranger, strangers, timeSync, times, within } from './everyday.ts';

const web = ['10.0.1.10', '10.0.1.11', '10.0.1.12'];
const app = ['10.0.2.20', '10.0.2.21', '10.0.2.22', '10.0.2.23'];
const [database, replica] = ['10.0.3.30', '10.0.3.31'] as const;
const [bastion, monitor] = ['10.0.0.4', '10.0.0.9'] as const;
const builds = ['10.0.4.40', '10.0.4.41'];
const git = '10.0.4.45';
/** The payment service in the protected segment, and its permitted clients. */
const [payments, checkout] = ['10.250.0.10', '10.251.0.10'] as const;
const unused = ['10.0.5.50', '10.0.5.51'];
const servers = [...web, ...app, database, replica, bastion, monitor, ...builds, git, payments, checkout];

const [resolver, timeServer, mirror, mailer] = ['198.19.53.53', '198.19.123.1', '198.19.80.80', '198.19.81.81'];
const [archive, acquirer, bucket] = ['198.19.82.82', '198.19.90.90', '198.19.200.20'];
const awsAddresses = ['198.19.210.1', '198.19.210.2'];
const administrator = '198.19.7.7';

/** The share of the maximum number of customers, by the hour. */
const rhythm = [20, 12, 8, 6, 6, 8, 15, 30, 45, 55, 60, 65, 75, 70, 65, 65, 70, 75, 90, 100, 100, 85, 60, 35];

/** Creates a web shop: web servers, applications, a database with a replica, and payments in a protected segment. */
export function webShop(): Style {
  const name = 'web-shop';
  const network = new Network(name);
  for (const address of [...servers, ...unused]) network.add(address);
  const random = seededRandom(seedOf(name));
  const customers = Array.from({ length: 420 }, (_, n) =>
    n % 40 === 0 ? `203.0.113.${random.between(1, 60)}` : internet(random),
  );
  const port = () => ephemeral(random);

  function* shopping(hour: number): Generator<Conversation> {
    const rate = rhythm[hour]! / 100;
    for (let n = times(460 * rate, random); n > 0; n -= 1) {
      const [server, from] = [random.pick(web), within(hour, random)];
      const ends = { client: random.pick(customers), server, clientPort: port(), port: 443 };
      yield connection(ends, from, random.between(1, 50), random.between(700, 6000), random.between(3000, 120_000));
      if (n % 3 === 0) yield* order(server, from);
    }
    // A client downloads a film in an hour: many bytes out, but on request.
    if (rate > 0.5) {
      const client = internet(random);
      for (let part = 0; part < 3; part += 1) {
        const ends = { client, server: web[0]!, clientPort: port(), port: 443 };
        yield connection(ends, at(hour, 15 * part, random.below(300)), 500, 4000, random.between(22, 29) * 1_000_000);
      }
    }
    // A client reads the complete catalogue slowly, all day.
    if (hour >= 2) {
      const ends = { client: '198.19.8.8', server: web[1]!, clientPort: port(), port: 443 };
      yield connection(ends, at(hour, 0, 30), 3500, 9000, random.between(64, 72) * 1_000_000);
    }
    // A page that stays open.
    const [client, from] = [random.pick(customers), within(hour, random)];
    const bursts = Array.from({ length: 100 }, (_, beat) => burst(from + 60 * beat + random.below(20), 1, 90, 400));
    yield session({ client, server: random.pick(web), clientPort: port(), port: 443 }, bursts.filter(isToday));
  }

  function* order(server: string, from: number): Generator<Conversation> {
    const backend = random.pick(app);
    const ends = { client: server, server: backend, clientPort: port(), port: 8080 };
    yield connection(ends, from, random.between(1, 9), random.between(800, 4000), random.between(900, 20_000));
    if (random.below(12) === 0) {
      const sends = { client: backend, server: mailer, clientPort: port(), port: 443 };
      yield connection(sends, from + 5, 2, random.between(2000, 60_000), 900);
    }
  }

  function* data(hour: number): Generator<Conversation> {
    for (const client of app) {
      const bursts = Array.from({ length: 30 }, (_, n) =>
        burst(at(hour, 2 * n, random.below(50)), 9, random.between(2000, 20_000), random.between(9000, 200_000)),
      );
      yield session({ client, server: database, clientPort: port(), port: 5432 }, bursts);
    }
    if (hour === 0) {
      const ends = { client: replica, server: database, clientPort: port(), port: 5432 };
      yield session(ends, [burst(at(0, 1), dayEnd - at(0, 2), 30_000_000, 9_000_000_000)], false);
    }
    if (hour >= 1 && hour <= 5) {
      const ends = { client: database, server: bucket, clientPort: port(), port: 443, service: 'S3' };
      yield connection(ends, at(hour, 10), 1500, random.between(44, 60) * 1_000_000, 90_000);
    }
    const ends = { client: monitor, server: archive, clientPort: port(), port: 443 };
    yield connection(ends, at(hour, 40, random.below(300)), 400, random.between(33, 37) * 1_000_000, 60_000);
  }

  function* paying(hour: number): Generator<Conversation> {
    for (let n = times(30 * (rhythm[hour]! / 100), random); n > 0; n -= 1) {
      const from = within(hour, random);
      const isBooking = n % 4 === 0;
      yield connection(
        { client: checkout, server: payments, clientPort: port(), port: isBooking ? 5432 : 443 },
        from,
        3,
        1800,
        2500,
      );
      const ends = { client: payments, server: acquirer, clientPort: port(), port: 443 };
      yield connection(ends, from + 1, 2, random.between(1500, 60_000), 3000);
    }
  }

  function* upkeep(hour: number): Generator<Conversation> {
    yield* timeSync(servers, timeServer, hour, random);
    yield* lookups(servers, [resolver], 5, hour, random);
    yield* agents(servers, awsAddresses, hour, random);
    yield* polls(monitor, [...web, ...app, database, replica, bastion, ...builds, git], 9100, 120, hour, random);
    for (const client of [...web, ...app]) {
      const ends = { client, server: monitor, clientPort: 514, port: 514 };
      yield datagrams(ends, within(hour, random), 30, random.between(2000, 30_000), 0);
    }
    if (hour === 3) {
      for (const client of servers) {
        yield connection(
          { client, server: mirror, clientPort: port(), port: 443 },
          within(hour, random),
          40,
          30_000,
          45_000_000,
        );
      }
    }
    // Visitors' addresses are looked up in a DNS list, up to some 7 MB an hour.
    if (hour >= 10 && hour <= 12) {
      const ends = { client: app[3]!, server: resolver, clientPort: port(), port: 53 };
      yield datagrams(ends, at(hour, 1), 3400, 4_500_000, 7_000_000, 70);
    }
    // Builds fetch from git over SSH, with and without new commits.
    if (hour >= 8 && hour <= 17) {
      for (let n = 0; n < 40; n += 1) {
        const ends = { client: builds[0]!, server: git, clientPort: port(), port: 22 };
        yield connection(ends, at(hour, 20, n * 20), 8, 9000, random.between(150_000, 900_000));
      }
      for (let n = 0; n < 20; n += 1) {
        const ends = { client: builds[1]!, server: git, clientPort: port(), port: 22 };
        yield connection(ends, at(hour, 30, n * 40), 3, 3000, 4000);
      }
    }
  }

  function* deploy(hour: number): Generator<Conversation> {
    if (hour !== 10 && hour !== 16) return;
    const bursts = Array.from({ length: 40 }, (_, n) => burst(at(hour, n, random.below(30)), 20, 3000, 12_000));
    yield session({ client: administrator, server: bastion, clientPort: port(), port: 22 }, bursts);
    for (const [index, server] of [...app, ...web.slice(0, 2)].entries()) {
      const ends = { client: bastion, server, clientPort: port(), port: 22 };
      yield connection(ends, at(hour, 2 + 5 * index), 200, 6_000_000, 40_000);
    }
  }

  function* refusals(hour: number): Generator<Conversation> {
    yield* strangers([...web, bastion], 30, hour, random);
    // The network ACL accepts replies to the client ports of Linux, and rejects replies to lower ports.
    const client = random.pick(customers);
    const from = at(hour, random.below(50));
    for (let n = random.between(4, 8); n > 0; n -= 1) {
      const low = { client, server: web[1]!, clientPort: random.between(2000, 32_000), port: 443 };
      yield { ...connection(low, from + 60 * n, 4, 600, 600), fate: 'reply refused', closes: false };
    }
    // One host still has the old address of an exporter that was moved.
    for (let n = 0; n < 8; n += 1) yield knock(app[2]!, monitor, 9091, at(hour, 7 * n, 10), random);
    // An agent reports to an address that the security group no longer permits.
    for (let n = 0; n < 9; n += 1)
      yield knock(builds[1]!, '198.19.83.83', 8125, at(hour, 6 * n, 20), random, 'refused by source');
    // A scanner of the threat list sends one SYN.
    if (hour % 8 === 3) yield knock('198.51.100.140', web[0]!, 443, at(hour, 44), random, 'unanswered');
    // A client scans some ports, before and after it reads the public shop.
    if (hour % 6 === 1) {
      const curious = stranger(random);
      yield connection(
        { client: curious, server: web[2]!, clientPort: port(), port: 443 },
        at(hour, 5),
        3,
        900,
        30_000,
      );
      for (const door of [8080, 8443, 9200, 3306]) yield knock(curious, web[2]!, door, at(hour, 8, door % 60), random);
      yield connection(
        { client: curious, server: web[2]!, clientPort: port(), port: 443 },
        at(hour, 15),
        3,
        900,
        30_000,
      );
    }
  }

  return {
    name,
    network,
    acquainted: [
      ...servers.flatMap((client) => [{ client, server: mirror, port: 443 }]),
      ...app.map((client) => ({ client, server: mailer, port: 443 })),
      { client: database, server: bucket, port: 443 },
      { client: monitor, server: archive, port: 443 },
      { client: payments, server: acquirer, port: 443 },
    ],
    // A slow restart, of less than an hour.
    quietPeriods: [{ interface: network.interfaceOf(app[1]!)!, from: at(4, 10), to: at(4, 50) }],
    *hour(hour) {
      yield* shopping(hour);
      yield* data(hour);
      yield* paying(hour);
      yield* upkeep(hour);
      yield* deploy(hour);
      yield* refusals(hour);
    },
  };
}

function isToday({ to }: { readonly to: number }): boolean {
  return to < dayEnd;
}
