import { quietPeriod, skip } from '../attacks/blind.ts';
import { beacon, tunnel } from '../attacks/call-home.ts';
import { exfiltrate } from '../attacks/exfiltration.ts';
import { contact, insist, probe, scan, sweep } from '../attacks/search.ts';
import { udp } from '../conversation.ts';
import { seededRandom } from '../random.ts';
import type { Attack, Style } from '../scenario.ts';
import { seedOf } from '../seed.ts';
import { at } from '../times.ts';
import { hosts, ports } from './ranges.ts';

/** Creates the attacks of the web shop's day. */
export function plantedInWebShop({ name, network }: Style): Attack[] {
  const site = { network, random: seededRandom(seedOf(`${name}: planted`)) };
  const seenBy = (address: string) => network.interfaceOf(address)!;
  return [
    exfiltrate(site, {
      name: 'six uploads from the database within the hour, across a full one',
      rules: ['data_exfiltration', 'exfiltration_to_rare_destination'],
      ...{ client: '10.0.3.30', server: '198.19.77.7', port: 443, parts: 6, bytesEach: 25_000_000 },
      ...{ from: at(13, 35), to: at(14, 20) },
    }),
    exfiltrate(site, {
      name: 'half a hundred megabytes an hour, from night to night',
      rules: ['slow_exfiltration', 'exfiltration_to_rare_destination'],
      ...{ client: '10.0.2.22', server: '198.19.78.8', port: 443, parts: 20, bytesEach: 55_000_000 },
      ...{ from: at(3), to: at(23) },
    }),
    exfiltrate(site, {
      name: 'twelve megabytes as name lookups',
      rules: ['dns_tunnelling'],
      ...{ client: '10.0.2.21', server: '198.19.153.5', port: 53, protocol: udp, parts: 50, bytesEach: 240_000 },
      ...{ from: at(16, 30), to: at(17, 20) },
    }),
    beacon(site, {
      name: 'a call every five minutes, for a morning',
      rules: ['beaconing'],
      ...{ client: '10.0.2.23', server: '198.19.66.6', port: 443, every: 300, jitter: 20, bytes: 1200 },
      ...{ from: at(6), to: at(13, 30) },
    }),
    beacon(site, {
      name: 'a call every hour and some minutes, for a day and more',
      rules: ['low_and_slow'],
      ...{ client: '10.0.2.20', server: '198.19.67.7', port: 443, every: 3900, jitter: 200, bytes: 5000 },
      ...{ from: at(-5), to: at(23, 55) },
    }),
    tunnel(site, {
      name: 'a reverse shell that is used at times',
      rules: [],
      ...{ client: '10.0.2.22', server: '198.19.68.8', port: 8443, every: 60, jitter: 9, typesEvery: 3000 },
      ...{ from: at(7, 10), to: at(15) },
    }),
    sweep(site, {
      name: 'SMB on thirty addresses of the own subnet, in two minutes',
      rules: ['horizontal_sweep', 'lateral_movement'],
      ...{ client: '10.0.2.20', servers: hosts('10.0.2.', 100, 30), port: 445, fate: 'unanswered' },
      ...{ from: at(11, 58), to: at(12) },
    }),
    scan(site, {
      name: 'sixty ports of a web server, in three minutes, all rejected',
      rules: ['vertical_scan', 'repeated_rejects'],
      ...{ client: '198.19.202.2', server: '10.0.1.10', ports: ports(8000, 60), fate: 'refused by target' },
      ...{ from: at(2, 10), to: at(2, 13) },
    }),
    insist(site, {
      name: 'passwords at the bastion, forty-five in ten minutes',
      rules: ['admin_brute_force'],
      ...{ client: '198.19.203.3', server: '10.0.0.4', port: 22, count: 45, fate: 'answered' },
      ...{ from: at(4, 55), to: at(5, 5) },
    }),
    insist(site, {
      name: 'passwords over WinRM, from inside, one every half a minute',
      rules: ['admin_brute_force'],
      ...{ client: '10.0.2.21', server: '10.0.1.12', port: 5985, count: 31, fate: 'answered' },
      ...{ from: at(22, 40), to: at(22, 54) },
    }),
    insist(site, {
      name: 'WinRM of a web server, every half a minute, rejected',
      rules: ['repeated_rejects'],
      ...{ client: '198.19.203.4', server: '10.0.1.12', port: 5985, count: 31, fate: 'refused by target' },
      ...{ from: at(6, 40), to: at(6, 54) },
    }),
    probe(site, {
      name: 'four closed doors of the bastion, and ten minutes later a session',
      rules: ['probe_that_got_in'],
      ...{ client: '198.19.205.5', server: '10.0.0.4', closedPorts: [8080, 8888, 9000, 3306], open: 22, pause: 600 },
      ...{ from: at(18, 50), to: at(19, 2) },
    }),
    scan(site, {
      name: 'three ports from a suspicious network',
      rules: ['rejects_from_suspicious_ranges'],
      ...{ client: '203.0.113.66', server: '10.0.1.10', ports: [22, 3306, 6379], fate: 'refused by target' },
      ...{ from: at(9, 12), to: at(9, 13) },
    }),
    insist(site, {
      name: 'the replica, twelve times within the hour and across a full one',
      rules: ['repeated_rejects'],
      ...{ client: '10.0.2.23', server: '10.0.3.31', port: 5432, count: 12, fate: 'refused by target' },
      ...{ from: at(20, 31), to: at(21, 29) },
    }),
    contact(site, {
      name: 'telnet to the database',
      rules: ['cleartext_services'],
      ...{ client: '10.0.2.20', server: '10.0.3.30', port: 23, from: at(15, 40), to: at(15, 42) },
    }),
    contact(site, {
      name: 'SSH into the protected segment',
      rules: ['segmentation_policy'],
      ...{ client: '10.0.2.22', server: '10.250.0.10', port: 22, from: at(0, 0, 20), to: at(0, 1) },
    }),
    contact(site, {
      name: 'out of the protected segment, to an application',
      rules: ['segmentation_policy'],
      ...{ client: '10.250.0.10', server: '10.0.2.20', port: 8080, from: at(12, 30), to: at(12, 31) },
    }),
    insist(site, {
      name: 'IRC outside, twenty-five times within the hour',
      rules: ['rejected_egress', 'repeated_rejects'],
      ...{ client: '10.0.2.22', server: '198.19.206.6', port: 6667, count: 25, fate: 'refused by source' },
      ...{ from: at(8, 2), to: at(8, 57) },
    }),
    contact(site, {
      name: 'a visitor from the threat list',
      rules: ['threat_list_traffic'],
      ...{
        client: '198.51.100.200',
        server: '10.0.1.12',
        port: 443,
        from: at(17, 59),
        to: at(18, 0, 30),
      },
    }),
    contact(site, {
      name: 'a login to an application server whose group was opened a moment before',
      rules: [],
      ...{ client: '198.19.207.7', server: '10.0.2.22', port: 22, from: at(2, 31), to: at(2, 33) },
    }),
    skip('one minute of a web server', seenBy('10.0.1.11'), at(14, 10), 1),
    quietPeriod(
      'two hours and a half without a sign of an application server',
      seenBy('10.0.2.23'),
      at(15),
      at(17, 30),
    ),
  ];
}
