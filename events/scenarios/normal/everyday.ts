import { attempt, type Conversation, connection, datagrams, ephemeral, type Fate } from '../conversation.ts';
import type { Random } from '../random.ts';
import { at } from '../times.ts';

/** The everyday traffic of all styles. */

/** Returns an internet address: the benchmarking network of RFC 2544, which nobody owns and no list has. */
export function internet(random: Random): string {
  return `198.18.${random.between(0, 199)}.${random.between(1, 254)}`;
}

/** Returns an internet address that no customer has. */
export function stranger(random: Random): string {
  return `198.18.${random.between(200, 255)}.${random.between(1, 254)}`;
}

/** Returns a random second of an hour of the labelled day. */
export function within(hour: number, random: Random): number {
  return at(hour) + random.below(3600);
}

/** Returns an integer whose mean is `rate`. */
export function times(rate: number, random: Random): number {
  return Math.floor(rate) + (random.below(1000) < (rate % 1) * 1000 ? 1 : 0);
}

/** Generates NTP of each host, three or four times an hour. */
export function* timeSync(
  hosts: readonly string[],
  server: string,
  hour: number,
  random: Random,
): Generator<Conversation> {
  for (const client of hosts) {
    for (let second = random.below(1024); second < 3600; second += 1024) {
      const ends = { client, server, clientPort: ephemeral(random), port: 123 };
      yield datagrams(ends, at(hour) + second, 0, 48, 48);
    }
  }
}

/** Generates name lookups at an external resolver, of a few hundred bytes each. */
export function* lookups(
  hosts: readonly string[],
  servers: readonly string[],
  perHour: number,
  hour: number,
  random: Random,
): Generator<Conversation> {
  for (const client of hosts) {
    for (let n = times(perHour, random); n > 0; n -= 1) {
      const ends = { client, server: random.pick(servers), clientPort: ephemeral(random), port: 53 };
      yield datagrams(ends, within(hour, random), 1, random.between(1, 6) * 60, random.between(1, 6) * 180, 180);
    }
  }
}

/** Generates reports of agents to AWS every ten minutes: as regular as a beacon, but `pkt-dst-aws-service` names AWS. */
export function* agents(
  hosts: readonly string[],
  servers: readonly string[],
  hour: number,
  random: Random,
): Generator<Conversation> {
  for (const [index, client] of hosts.entries()) {
    const server = servers[index % servers.length]!;
    for (let second = random.below(20); second < 3600; second += 600) {
      const ends = { client, server, clientPort: ephemeral(random), port: 443, service: 'AMAZON' };
      yield connection(ends, at(hour) + second, 2, random.between(1500, 1700), 900);
    }
  }
}

/** Generates the polls of a metrics collector: one port of each host. */
export function* polls(
  client: string,
  hosts: readonly string[],
  port: number,
  everySeconds: number,
  hour: number,
  random: Random,
): Generator<Conversation> {
  for (let second = 0; second < 3600; second += everySeconds) {
    for (const server of hosts) {
      const ends = { client, server, clientPort: ephemeral(random), port };
      yield connection(ends, at(hour) + second + random.below(5), 1, 300, random.between(4000, 9000));
    }
  }
}

/** Ports that scanners of the internet look for. */
const wanted = [
  21, 22, 23, 25, 80, 110, 445, 1433, 2323, 3306, 3389, 5060, 5432, 5900, 6379, 8080, 8081, 8443, 9200, 27017,
];

/** Generates scanners of the internet: each tries a few ports of one or two hosts, once. */
export function* strangers(
  hosts: readonly string[],
  perHour: number,
  hour: number,
  random: Random,
): Generator<Conversation> {
  for (let n = times(perHour, random); n > 0; n -= 1) {
    const client = stranger(random);
    const from = within(hour, random);
    for (let host = random.between(1, 2); host > 0; host -= 1) {
      const server = random.pick(hosts);
      for (let port = random.between(1, 3); port > 0; port -= 1) {
        yield knock(client, server, random.pick(wanted), from + random.below(40), random);
      }
    }
  }
}

/** Creates a failed attempt to open a connection, from a random port. */
export function knock(
  client: string,
  server: string,
  port: number,
  from: number,
  random: Random,
  fate: Exclude<Fate, 'answered'> = 'refused by target',
): Conversation {
  return attempt({ client, server, clientPort: ephemeral(random), port }, from, fate);
}
