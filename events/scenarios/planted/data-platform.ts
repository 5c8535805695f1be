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

/** Creates the attacks of the data platform's day, many of them over IPv6. */
export function plantedInDataPlatform({ name, network }: Style): Attack[] {
  const site = { network, random: seededRandom(seedOf(`${name}: planted`)) };
  const seenBy = (address: string) => network.interfaceOf(address)!;
  const nodes = hosts('10.30.0.', 10, 6);
  const pods = [1, 17, 33, 49, 65].flatMap((first) => hosts('10.30.16.', first, 4));
  return [
    exfiltrate(site, {
      name: 'three hundred megabytes over IPv6 in twenty minutes, right after midnight',
      rules: ['data_exfiltration', 'exfiltration_to_rare_destination'],
      ...{ client: 'fd00:30:0:1::12', server: '2001:db8:66::9', port: 443, parts: 4, bytesEach: 75_000_000 },
      ...{ from: at(0, 2), to: at(0, 22) },
    }),
    exfiltrate(site, {
      name: 'to a high port, at the end of the day',
      rules: ['data_exfiltration'],
      ...{ client: '10.30.2.5', server: '198.19.77.9', port: 40_000, parts: 4, bytesEach: 40_000_000 },
      ...{ from: at(23, 15), to: at(23, 50) },
    }),
    exfiltrate(site, {
      name: 'eighty megabytes every hour and a half, to a partner who is known, over IPv6',
      rules: ['slow_exfiltration'],
      ...{ client: 'fd00:30:0:1::13', server: '2001:db8:70::7', port: 443, parts: 14, bytesEach: 80_000_000 },
      ...{ from: at(1, 30), to: at(22, 30) },
    }),
    exfiltrate(site, {
      name: 'just over the threshold, to somebody new',
      rules: ['exfiltration_to_rare_destination'],
      ...{ client: '10.30.0.13', server: '198.19.79.10', port: 22, parts: 5, bytesEach: 4_400_000 },
      ...{ from: at(9, 31), to: at(10, 20) },
    }),
    exfiltrate(site, {
      name: 'just over the threshold in name lookups, over IPv6',
      rules: ['dns_tunnelling'],
      ...{
        client: 'fd00:30:0:1::14',
        server: '2001:db8:53::53',
        port: 53,
        protocol: udp,
        parts: 56,
        bytesEach: 195_000,
      },
      ...{ from: at(22, 55), to: at(23, 50) },
    }),
    beacon(site, {
      name: 'a call every nine minutes over IPv6, for a day and more',
      rules: ['beaconing', 'low_and_slow'],
      ...{ client: 'fd00:30:0:1::15', server: '2001:db8:66::6', port: 443, every: 540, jitter: 20, bytes: 2000 },
      ...{ from: at(-4, 4, 30), to: at(23, 55) },
    }),
    tunnel(site, {
      name: 'a shell over IPv6, with a pause of twenty minutes',
      rules: [],
      ...{ client: 'fd00:30:0:2::21', server: '2001:db8:68::8', port: 443, every: 100, jitter: 20, typesEvery: 2000 },
      ...{ pause: [at(8, 59), at(9, 19)] as const, from: at(3), to: at(12) },
    }),
    sweep(site, {
      name: 'the kubelet port of thirty addresses, over IPv6',
      rules: ['horizontal_sweep'],
      ...{ client: 'fd00:30:0:1::11', servers: hosts('fd00:30:0:3::', 16, 30), port: 10_250, fate: 'unanswered' },
      ...{ from: at(14, 50), to: at(15, 10) },
    }),
    sweep(site, {
      name: 'SMB on twenty-six addresses outside, rejected at the way out',
      rules: ['horizontal_sweep'],
      ...{ client: '10.30.16.2', servers: hosts('198.19.201.', 1, 26), port: 445, fate: 'refused by source' },
      ...{ from: at(23, 5), to: at(23, 55) },
    }),
    scan(site, {
      name: 'a hundred ports over IPv6 in the last minutes of the day, all closed',
      rules: ['vertical_scan'],
      ...{ client: 'fd00:30:0:1::12', server: 'fd00:30:0:2::20', ports: ports(8000, 100), fate: 'reset' },
      ...{ from: at(23, 49), to: at(23, 58) },
    }),
    insist(site, {
      name: 'SSH of a node, forty times in twelve minutes, rejected',
      rules: ['repeated_rejects'],
      ...{ client: '198.19.204.4', server: '10.30.0.11', port: 22, count: 40, fate: 'refused by target' },
      ...{ from: at(0, 1), to: at(0, 13) },
    }),
    insist(site, {
      name: 'passwords over SSH and IPv6, sixty in three minutes, right after midnight',
      rules: ['admin_brute_force'],
      ...{ client: 'fd00:30:0:1::14', server: 'fd00:30:0:2::21', port: 22, count: 60, fate: 'answered' },
      ...{ from: at(0, 5), to: at(0, 8) },
    }),
    probe(site, {
      name: 'three closed doors over IPv6, and an open one fifty minutes later',
      rules: ['probe_that_got_in'],
      ...{
        client: 'fd00:30:0:1::13',
        server: 'fd00:30:0:2::21',
        closedPorts: [5432, 8080, 9092],
        open: 9200,
        pause: 3000,
      },
      ...{ from: at(16, 20), to: at(17, 12) },
    }),
    scan(site, {
      name: 'one port from a suspicious network, at the end of the day',
      rules: ['rejects_from_suspicious_ranges'],
      ...{ client: '198.51.100.20', server: '10.30.0.12', ports: [9200], fate: 'refused by target' },
      ...{ from: at(23, 57), to: at(23, 58) },
    }),
    insist(site, {
      name: 'a suspicious network, twelve times within the hour',
      rules: ['rejects_from_suspicious_ranges', 'repeated_rejects'],
      ...{ client: '198.51.100.21', server: '10.30.0.13', port: 2375, count: 12, fate: 'refused by target' },
      ...{ from: at(5, 30), to: at(6, 25) },
    }),
    sweep(site, {
      name: 'SSH to ten hosts in a minute',
      rules: ['lateral_movement'],
      ...{ client: '10.30.1.5', servers: [...nodes, ...pods.slice(0, 4)], port: 22, fate: 'answered' },
      ...{ from: at(2, 59), to: at(3, 1) },
    }),
    contact(site, {
      name: 'LDAP without encryption, over IPv6',
      rules: ['cleartext_services'],
      ...{ client: 'fd00:30:0:1::14', server: 'fd00:30:0:2::20', port: 389, from: at(23, 56), to: at(23, 57) },
    }),
    contact(site, {
      name: 'into the protected segment by who may, on a port that is not allowed',
      rules: ['segmentation_policy'],
      ...{ client: '10.251.1.10', server: '10.250.1.10', port: 3389, from: at(10, 59), to: at(11, 0, 30) },
    }),
    contact(site, {
      name: 'into the protected segment on a port that is allowed, by who may not',
      rules: ['segmentation_policy'],
      ...{ client: '10.30.16.17', server: '10.250.1.11', port: 443, from: at(23, 58), to: at(23, 58, 40) },
    }),
    insist(site, {
      name: 'a closed way out over IPv6, twenty-two times within the hour',
      rules: ['rejected_egress', 'repeated_rejects'],
      ...{ client: 'fd00:30:0:1::11', server: '2001:db8:6f::1', port: 4444, count: 22, fate: 'refused by source' },
      ...{ from: at(18, 31), to: at(19, 29) },
    }),
    contact(site, {
      name: 'with the threat list over IPv6, right after midnight',
      rules: ['threat_list_traffic'],
      ...{
        client: 'fd00:30:0:1::11',
        server: '2001:db8:bad::5',
        port: 443,
        from: at(0, 0, 5),
        to: at(0, 0, 30),
      },
    }),
    skip('two minutes of a node, across a full hour', seenBy('10.30.0.14'), at(20, 59), 2),
    quietPeriod('a node, until the end of the day', seenBy('10.30.0.15'), at(22, 20), at(24)),
  ];
}
