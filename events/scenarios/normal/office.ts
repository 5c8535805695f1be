import {
  type Burst,
  burst,
  type Conversation,
  connection,
  datagrams,
  ephemeral,
  icmp,
  session,
} from '../conversation.ts';
import { Network } from '../network.ts';
import { seededRandom } from '../random.ts';
import type { Style } from '../scenario.ts';
import { seedOf } from '../seed.ts';
import { at } from '../times.ts';
import { internet, knock, lookups, polls, strangers, timeSync, times } from './everyday.ts';

const files = ['10.20.1.10', '10.20.1.11'];
const [directory, printer, monitor, terminal] = ['10.20.1.5', '10.20.1.20', '10.20.1.30', '10.20.1.40'] as const;
const [nat, vpn] = ['10.20.0.5', '10.20.0.6'] as const;
const unused = ['10.20.5.50', '10.20.5.51'];
const servers = [...files, directory, printer, monitor, terminal];

const polled = servers.filter((host) => host !== monitor);

const [resolver, timeServer] = ['198.19.53.53', '198.19.123.1'];
const chats = ['198.19.60.1', '198.19.60.2', '198.19.60.3', '198.19.60.4'];
const drive = ['198.19.62.1', '198.19.62.2', '198.19.62.3'] as const;
const [mail, gallery] = ['198.19.61.1', '198.19.62.9'] as const;
const callServer = (number: number) => `198.19.63.${1 + (number % 60)}`;

/** A desktop, and the times at which it is on, in seconds since midnight. */
interface Desktop {
  readonly address: string;
  readonly number: number;
  readonly morning: readonly [from: number, to: number];
  readonly afternoon: readonly [from: number, to: number];
}

/** Creates an office: desktops behind a NAT gateway during working hours, file servers, a directory and a printer. */
export function office(): Style {
  const name = 'office';
  const network = new Network(name);
  for (const address of [...servers, vpn, ...unused]) network.add(address);
  network.addNat(nat);
  const random = seededRandom(seedOf(name));
  const port = () => ephemeral(random);
  const desktops = Array.from({ length: 24 }, (_, number): Desktop => {
    const address = network.add(`10.20.10.${20 + number}`, { sleeps: true, behindNat: true });
    const minutes = (hour: number, spread: number) => hour * 3600 + random.below(spread * 60);
    return {
      address,
      number,
      morning: [minutes(7.5, 110), minutes(12, 25)],
      afternoon: [minutes(12.75, 30), minutes(16, 150)],
    };
  });

  function* working({ address: client, number, morning, afternoon }: Desktop, hour: number): Generator<Conversation> {
    for (const [from, to] of [morning, afternoon]) {
      if (Math.floor(from / 3600) === hour) yield* beginning(client, number, at(0) + from, at(0) + to);
      const [begin, end] = [Math.max(from, hour * 3600), Math.min(to, hour * 3600 + 3600)];
      if (end - begin < 900) continue;
      const awake = () => at(0) + begin + random.below(end - begin - 60);
      const amount = (perHour: number) => times((perHour * (end - begin)) / 3600, random);
      for (let n = amount(12); n > 0; n -= 1) {
        const ends = { client, server: internet(random), clientPort: port(), port: 443 };
        yield connection(
          ends,
          awake(),
          random.between(1, 40),
          random.between(900, 30_000),
          random.between(3000, 2_000_000),
        );
      }
      for (let n = amount(5); n > 0; n -= 1) {
        const ends = { client, server: mail, clientPort: port(), port: 993 };
        yield connection(
          ends,
          awake(),
          3,
          random.between(500, 2500) * (n === 1 ? 300 : 1),
          random.between(900, 90_000),
        );
      }
      for (let n = amount(2); n > 0; n -= 1) {
        const directoryPort = random.pick([88, 88, 636, 135]);
        yield connection(
          { client, server: directory, clientPort: port(), port: directoryPort },
          awake(),
          2,
          2500,
          4000,
        );
      }
      yield datagrams({ client, server: directory, clientPort: port(), port: 389 }, awake(), 0, 220, 180);
      if (amount(0.5) > 0) {
        yield connection(
          { client, server: printer, clientPort: port(), port: 9100 },
          awake(),
          20,
          random.between(1, 30) * 100_000,
          900,
        );
      }
      // Changed files go to the drive: more to known servers, less to a server that is new today.
      if (amount(0.5) > 0) {
        const ends = { client, server: drive[number % 3]!, clientPort: port(), port: 443 };
        const room = Math.min(end - begin, 1500);
        yield connection(ends, at(0) + begin + 60, room - 120, random.between(3, 9) * 1_000_000, 40_000);
      }
      if (hour === 10 && number % 6 === 0) {
        const ends = { client, server: `198.19.64.${1 + number}`, clientPort: port(), port: 443 };
        yield connection(ends, at(10, 10), 500, random.between(12, 17) * 1_000_000, 40_000);
      }
      // The browser tries QUIC first, which the security group rejects.
      for (let n = amount(4); n > 0; n -= 1) {
        const quic = { client, server: internet(random), clientPort: port(), port: 443 };
        yield { ...datagrams(quic, awake(), 3, 3600, 0), fate: 'refused by source' };
      }
    }
  }

  /** Generates connections of half a day: the messenger, with a picture at times, and the file server. */
  function* beginning(client: string, number: number, from: number, to: number): Generator<Conversation> {
    const bursts: Burst[] = [];
    for (let second = from + 20; second < to - 60; second += random.between(120, 400)) {
      const isPicture = random.below(9) === 0;
      bursts.push(
        burst(
          second,
          5,
          isPicture ? random.between(60_000, 400_000) : random.between(60, 900),
          random.between(60, 20_000),
        ),
      );
    }
    yield session({ client, server: chats[number % 4]!, clientPort: port(), port: 443 }, bursts, false);
    const saves: Burst[] = [];
    for (let second = from + 40; second < to - 60; second += random.between(200, 900)) {
      saves.push(burst(second, 9, random.between(900, 3_000_000), random.between(900, 9_000_000)));
    }
    yield session({ client, server: files[number % 2]!, clientPort: port(), port: 445 }, saves, false);
  }

  /** Generates calls, with as much traffic out as in: to the provider's servers, or directly to the other person. */
  function* calls(hour: number): Generator<Conversation> {
    if (hour < 9 || hour > 16 || hour === 12) return;
    for (const { address: client, number } of desktops) {
      if ((number + hour) % 4 !== 0) continue;
      const isDirect = number % 8 === 7;
      const server = isDirect ? internet(random) : callServer(number + 7 * hour);
      const ends = { client, server, clientPort: port(), port: isDirect ? random.between(40_000, 60_000) : 8801 };
      yield datagrams(
        ends,
        at(hour, 5 + random.below(5)),
        1500,
        random.between(50, 82) * 1_000_000,
        random.between(60, 200) * 1_000_000,
      );
    }
  }

  function* upkeep(hour: number): Generator<Conversation> {
    const on = desktops.filter(({ morning, afternoon }) => isOn(morning, hour) || isOn(afternoon, hour));
    yield* timeSync(servers, timeServer, hour, random);
    yield* lookups(servers, [resolver], 8, hour, random);
    yield* lookups(
      on.map(({ address }) => address),
      [resolver],
      4,
      hour,
      random,
    );
    yield* polls(monitor, polled, 9100, 60, hour, random);
    const pinged = desktops.slice(0, 14).filter(() => hour >= 8 && hour < 18);
    for (const [index, server] of [...pinged.map(({ address }) => address), ...polled, vpn].entries()) {
      const ends = { client: monitor, server, clientPort: 0, port: 0, protocol: icmp };
      const isAwake = !server.startsWith('10.20.10.') || on.some(({ address }) => address === server);
      for (let n = 0; n < 6; n += 1) {
        const ping = datagrams(ends, at(hour, 10 * n, index), 3, 240, isAwake ? 240 : 0, 60);
        yield { ...ping, fate: isAwake ? 'answered' : 'unanswered' };
      }
    }
    // At night a file server copies itself to the other one, and the changes of the day to the drive.
    if (hour >= 22 || hour <= 3) {
      yield connection(
        { client: files[0]!, server: files[1]!, clientPort: port(), port: 873 },
        at(hour, 2),
        3000,
        4_000_000_000,
        9_000_000,
      );
      yield connection(
        { client: files[0]!, server: drive[0], clientPort: port(), port: 443 },
        at(hour, 12),
        2400,
        random.between(60, 80) * 1_000_000,
        90_000,
      );
    }
    yield* strangers([vpn], 25, hour, random);
    for (let n = 0; n < 7; n += 1)
      yield knock(printer, '198.19.65.65', 25, at(hour, 8 * n, 20), random, 'refused by source');
    if (hour >= 9 && hour < 17) {
      for (let n = 0; n < 8; n += 1) yield knock(desktops[3]!.address, directory, 3268, at(hour, 7 * n, 15), random);
    }
  }

  return {
    name,
    network,
    acquainted: [
      ...desktops.flatMap(({ address: client, number }) => [
        { client, server: chats[number % 4]!, port: 443 },
        { client, server: drive[number % 3]!, port: 443 },
        { client, server: mail, port: 993 },
        { client, server: gallery, port: 443 },
        ...[9, 10, 11, 13, 14, 15, 16].map((hour) => ({ client, server: callServer(number + 7 * hour), port: 8801 })),
      ]),
      ...files.map((client) => ({ client, server: drive[0], port: 443 })),
    ],
    quietPeriods: [{ interface: network.interfaceOf(printer)!, from: at(20, 5), to: at(20, 50) }],
    *hour(hour) {
      for (const desktop of desktops) yield* working(desktop, hour);
      yield* calls(hour);
      yield* upkeep(hour);
    },
  };
}

function isOn([from, to]: readonly [number, number], hour: number): boolean {
  return from < hour * 3600 && to > hour * 3600 + 3600;
}
