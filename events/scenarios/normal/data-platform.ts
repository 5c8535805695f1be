import { burst, type Conversation, connection, datagrams, ephemeral, session, udp } from '../conversation.ts';
import { Network } from '../network.ts';
import { seededRandom } from '../random.ts';
import type { Style } from '../scenario.ts';
import { seedOf } from '../seed.ts';
import { at, dayEnd } from '../times.ts';
import { agents, knock, lookups, polls, strangers, timeSync, times, within } from './everyday.ts';

const nodes = Array.from({ length: 6 }, (_, n) => `10.30.0.${10 + n}`);
/** Returns the four pods of a node, which have addresses of the node's interface. */
const podsOf = (node: number) => Array.from({ length: 4 }, (_, n) => `10.30.16.${node * 16 + n + 1}`);
const pods = nodes.flatMap((_, node) => podsOf(node));
/** Hosts with IPv6 only. */
const workers = ['fd00:30:0:1::11', 'fd00:30:0:1::12', 'fd00:30:0:1::13', 'fd00:30:0:1::14', 'fd00:30:0:1::15'];
const lake = ['fd00:30:0:2::20', 'fd00:30:0:2::21'];
const [source, warehouse] = ['10.30.1.5', '10.30.2.5'] as const;
const [scheduler, balancer, collector, gateway] = ['10.30.0.20', '10.30.0.30', '10.30.0.40', '10.30.0.50'] as const;
const ledger = ['10.250.1.10', '10.250.1.11'];
const reports = '10.251.1.10';
const unused = ['10.30.9.90'];
const single = [source, warehouse, scheduler, balancer, collector, gateway, ...ledger, reports];

const [resolver, timeServer, tracker] = ['198.19.53.53', '198.19.123.1', '198.19.91.91'];
const [partner, otherPartner, resolver6] = ['198.19.70.70', '2001:db8:70::7', '2001:db8:53::1'];
const awsAddresses = ['198.19.210.1', '198.19.210.2'];

/** Creates a data platform: pods and batch jobs, transfers at night, and partners that get files at fixed hours. */
export function dataPlatform(): Style {
  const name = 'data-platform';
  const network = new Network(name);
  for (const [index, node] of nodes.entries()) network.add(node, { further: podsOf(index) });
  for (const address of [...single, ...workers, ...lake, ...unused]) network.add(address);
  const random = seededRandom(seedOf(name));
  const port = () => ephemeral(random);

  function* talk(hour: number): Generator<Conversation> {
    for (let n = times(280, random); n > 0; n -= 1) {
      const [client, server] = [random.pick(pods), random.pick(pods)];
      const ends = { client, server, clientPort: port(), port: random.pick([7077, 8080, 8081, 9090, 9092, 15_012]) };
      yield connection(
        ends,
        within(hour, random),
        random.between(1, 40),
        random.between(500, 90_000),
        random.between(500, 900_000),
      );
    }
    // The executors of a job listen on different ports for each stage.
    const [driver, executor] = [pods[hour % 4]!, pods[8 + (hour % 12)]!];
    for (let stage = 0; stage < 30; stage += 1) {
      const ends = { client: driver, server: executor, clientPort: port(), port: random.between(35_000, 45_000) };
      yield connection(ends, at(hour, stage + stage, random.below(60)), 50, 40_000, 7_000_000);
    }
    for (const client of workers) {
      for (let n = 0; n < 14; n += 1) {
        const ends = { client, server: random.pick(lake), clientPort: port(), port: 9000 };
        yield connection(ends, at(hour, 4 * n, random.below(200)), 70, random.between(1, 90) * 100_000, 2_000_000);
      }
    }
  }

  function* transfers(hour: number): Generator<Conversation> {
    if (hour === 1) {
      const ends = { client: source, server: warehouse, clientPort: port(), port: 5439 };
      yield connection(ends, at(1, 5), 7000, 60_000_000_000, 300_000_000);
    }
    if ([6, 12, 18].includes(hour)) {
      for (let file = 0; file < 4; file += 1) {
        const ends = { client: gateway, server: partner, clientPort: port(), port: 22 };
        yield connection(ends, at(hour, 5 + 6 * file), 200, 22_000_000, 40_000);
        const over6 = { client: workers[0]!, server: otherPartner, clientPort: port(), port: 443 };
        yield connection(over6, at(hour, 6 + 6 * file), 200, 19_000_000, 40_000);
      }
    }
    // An upload of some megabytes to the page of a new supplier.
    if (hour === 15) {
      const ends = { client: workers[3]!, server: '2001:db8:71::9', clientPort: port(), port: 443 };
      yield connection(ends, at(15, 10), 300, 17_000_000, 90_000);
    }
    // Jobs report at irregular times.
    for (let n = times(hour >= 6 && hour <= 20 ? 9 : 2, random); n > 0; n -= 1) {
      const ends = { client: scheduler, server: tracker, clientPort: port(), port: 443 };
      yield connection(ends, within(hour, random), 20, random.between(1000, 300_000), 4000);
    }
    for (let n = 0; n < 6; n += 1) {
      const from = at(hour, 9 * n, random.below(60));
      yield connection(
        { client: reports, server: ledger[n % 2]!, clientPort: port(), port: n % 3 === 0 ? 5432 : 443 },
        from,
        5,
        3000,
        60_000,
      );
    }
    yield connection(
      { client: ledger[0]!, server: ledger[1]!, clientPort: port(), port: 5433 },
      at(hour, 2),
      3300,
      900_000,
      90_000,
    );
  }

  function* checks(hour: number): Generator<Conversation> {
    // Health checks of the balancer every ten seconds, over a connection of an hour.
    for (const server of [pods[0]!, pods[5]!, pods[10]!, pods[15]!]) {
      const bursts = Array.from({ length: 359 }, (_, n) => burst(at(hour) + 10 * n, 1, 120, 90));
      yield session({ client: balancer, server, clientPort: port(), port: 8080 }, bursts);
    }
    // For some hours, a health check that opens a connection each time.
    if (hour === 9 || hour === 14) {
      for (let n = 0; n < 360; n += 1) {
        yield connection(
          { client: balancer, server: pods[20]!, clientPort: port(), port: 8080 },
          at(hour) + 10 * n,
          0,
          120,
          90,
        );
      }
    }
    yield* polls(collector, pods.slice(0, 20), 9102, 600, hour, random);
    yield* polls(
      collector,
      single.filter((host) => host !== collector && !host.startsWith('10.250')),
      9100,
      300,
      hour,
      random,
    );
    // Polls of the protected segment use UDP.
    for (const server of ledger) {
      for (let n = 0; n < 6; n += 1) {
        yield datagrams({ client: collector, server, clientPort: port(), port: 161 }, at(hour, 10 * n, 5), 1, 300, 900);
      }
    }
    yield* callers(hour);
    if (hour === 0) yield* stream(collector, awsAddresses[0]!);
    yield* timeSync([...nodes, ...single], timeServer, hour, random);
    yield* lookups(pods, [resolver], 4, hour, random);
    yield* lookups([...workers, ...lake], [resolver6], 12, hour, random);
    yield* agents([...nodes, ...single], awsAddresses, hour, random);
    // Peers that find each other by UDP.
    for (let n = 0; n < 30; n += 1) {
      const ends = {
        client: random.pick(pods),
        server: random.pick(pods),
        clientPort: 8472,
        port: 8472,
        protocol: udp,
      };
      yield datagrams(ends, within(hour, random), 30, random.between(5000, 300_000), random.between(5000, 90_000));
    }
  }

  function* oddities(hour: number): Generator<Conversation> {
    yield* strangers([...nodes, gateway, balancer], 25, hour, random);
    // A client whose configuration has a closed port.
    for (let n = 0; n < 8; n += 1) yield knock(scheduler, warehouse, 8443, at(hour, 7 * n, 30), random);
    if (hour === 11) {
      for (const [index, server] of [...nodes, source, warehouse].entries()) {
        yield connection(
          { client: scheduler, server, clientPort: port(), port: 22 },
          at(11, 15, 20 * index),
          15,
          40_000,
          90_000,
        );
      }
    }
    // Forbidden access to the ledger, and telnet: accepted on egress, rejected at the target.
    if (hour === 13)
      for (let n = 0; n < 3; n += 1) yield knock(collector, ledger[0]!, 5432, at(13, 20, 15 * n), random);
    if (hour === 16) yield knock(scheduler, warehouse, 23, at(16, 25), random);
    // A scanner tries one port of each address.
    if (hour === 23) {
      const client = '198.19.201.201';
      const all = [...nodes.slice(0, 5), ...pods.slice(0, 20), gateway];
      for (const [index, server] of all.entries()) yield knock(client, server, 2323, at(23, 10, 90 * index), random);
    }
    // From the threat list, but rejected.
    if (hour % 5 === 2) yield knock('2001:db8:bad::99', workers[1]!, 443, at(hour, 33), random);
    if (hour === 20) yield* watch(pods[12]!, '198.19.92.92', hour);
  }

  /** Generates calls as regular as a beacon, but with more bytes, with exceptions, or for a shorter time. */
  function* callers(hour: number): Generator<Conversation> {
    const call = (client: string, server: string, minute: number, bytes: number) =>
      connection({ client, server, clientPort: port(), port: 443 }, at(hour, minute, random.below(20)), 1, bytes, 900);
    for (let minute = 1; minute < 60; minute += 3) yield call(scheduler, '198.19.94.94', minute, 11_000);
    if (hour >= 6 && hour <= 20) {
      for (let minute = 2; minute < 60; minute += 6) yield call(gateway, '198.19.95.95', minute, 1000);
      if (hour % 2 === 0) yield call(gateway, '198.19.95.95', 27, 12_000);
    }
    if (hour >= 12 && hour < 17) {
      for (let minute = 3; minute < 60; minute += 6) yield call(source, '198.19.96.96', minute, 1000);
    }
  }

  /** Generates one connection to AWS for the day, with a little data every five minutes. */
  function* stream(client: string, server: string): Generator<Conversation> {
    const bursts = Array.from({ length: 286 }, (_, n) => burst(at(0, 5 + 5 * n, 7), 2, 900, 300));
    yield session({ client, server, clientPort: port(), port: 443, service: 'AMAZON' }, bursts, false);
  }

  /** Generates a connection that stays open for some hours to receive notifications. */
  function* watch(client: string, server: string, hour: number): Generator<Conversation> {
    const bursts = Array.from({ length: 38 }, (_, n) =>
      burst(at(hour, 6 * n), 1, random.between(100, 900), random.between(100, 90_000)),
    );
    yield session(
      { client, server, clientPort: port(), port: 443 },
      bursts.filter(({ to }) => to < dayEnd),
    );
  }

  return {
    name,
    network,
    acquainted: [
      { client: gateway, server: partner, port: 22 },
      { client: workers[0]!, server: otherPartner, port: 443 },
      { client: workers[2]!, server: otherPartner, port: 443 },
      { client: scheduler, server: tracker, port: 443 },
    ],
    quietPeriods: [{ interface: network.interfaceOf(scheduler)!, from: at(5, 5), to: at(5, 45) }],
    *hour(hour) {
      yield* talk(hour);
      yield* transfers(hour);
      yield* checks(hour);
      yield* oddities(hour);
    },
  };
}
