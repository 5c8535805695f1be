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

/** Creates the attacks of the office's day. Desktops and the NAT gateway both log outbound traffic. */
export function plantedInOffice({ name, network }: Style): Attack[] {
  const site = { network, random: seededRandom(seedOf(`${name}: planted`)) };
  const seenBy = (address: string) => network.interfaceOf(address)!;
  return [
    exfiltrate(site, {
      name: 'just over the threshold in an hour, to the drive that everybody uses',
      rules: ['data_exfiltration'],
      ...{ client: '10.20.10.25', server: '198.19.62.3', port: 443, parts: 11, bytesEach: 10_000_000 },
      ...{ from: at(19, 30), to: at(20, 28) },
    }),
    exfiltrate(site, {
      name: 'just over a gigabyte, from the evening before on',
      rules: ['slow_exfiltration'],
      ...{ client: '10.20.10.27', server: '198.19.62.9', port: 443, parts: 21, bytesEach: 50_000_000 },
      ...{ from: at(-6), to: at(15) },
    }),
    exfiltrate(site, {
      name: 'three parts over QUIC to somebody new, with pauses',
      rules: ['exfiltration_to_rare_destination'],
      ...{ client: '10.20.10.30', server: '198.19.79.9', port: 443, protocol: udp, parts: 3, bytesEach: 8_000_000 },
      ...{ from: at(10, 40), to: at(11, 30) },
    }),
    exfiltrate(site, {
      name: 'thirty megabytes over port 53 in five minutes, by TCP',
      rules: ['dns_tunnelling', 'exfiltration_to_rare_destination'],
      ...{ client: '10.20.10.31', server: '198.19.153.6', port: 53, parts: 5, bytesEach: 6_000_000 },
      ...{ from: at(23, 50), to: at(23, 55) },
    }),
    beacon(site, {
      name: 'a call a minute by night, with a fifth of jitter',
      rules: ['beaconing'],
      ...{ client: '10.20.10.22', server: '198.19.66.7', port: 443, every: 60, jitter: 12, bytes: 300 },
      ...{ from: at(0, 20), to: at(7, 20) },
    }),
    beacon(site, {
      name: 'a call every half an hour and more, for a day and more',
      rules: ['low_and_slow'],
      ...{ client: '10.20.10.24', server: '198.19.67.8', port: 8443, every: 2100, jitter: 250, bytes: 3000 },
      ...{ from: at(-4), to: at(23, 50) },
    }),
    tunnel(site, {
      name: 'a connection that only says that it is alive, every five minutes',
      rules: ['beaconing'],
      ...{ client: '10.20.10.33', server: '198.19.68.9', port: 443, every: 300, jitter: 5 },
      ...{ from: at(6), to: at(14, 30) },
    }),
    sweep(site, {
      name: 'pings to twenty-six desktops, a good two minutes apart',
      rules: ['horizontal_sweep'],
      ...{ client: '10.20.10.26', servers: hosts('10.20.10.', 100, 26), port: 0, fate: 'unanswered' },
      ...{ from: at(12, 32), to: at(13, 28) },
    }),
    scan(site, {
      name: 'twenty-eight ports of a server within the hour, all rejected there',
      rules: ['vertical_scan', 'repeated_rejects'],
      ...{ client: '10.20.10.28', server: '10.20.1.30', ports: ports(9000, 28), fate: 'refused by target' },
      ...{ from: at(17, 31), to: at(18, 29) },
    }),
    insist(site, {
      name: 'passwords over RDP, thirty-two in a quarter of an hour',
      rules: ['admin_brute_force'],
      ...{ client: '10.20.10.29', server: '10.20.1.40', port: 3389, count: 32, fate: 'answered' },
      ...{ from: at(8, 52), to: at(9, 6) },
    }),
    probe(site, {
      name: 'five closed doors of the terminal server, and RDP twenty minutes later',
      rules: ['probe_that_got_in'],
      ...{
        client: '10.20.10.34',
        server: '10.20.1.40',
        closedPorts: [1433, 3306, 5432, 6379, 8080],
        open: 3389,
        pause: 1200,
      },
      ...{ from: at(14), to: at(14, 22) },
    }),
    scan(site, {
      name: 'one port from a suspicious network, right after midnight',
      rules: ['rejects_from_suspicious_ranges'],
      ...{ client: '192.0.2.10', server: '10.20.0.6', ports: [1194], fate: 'refused by target' },
      ...{ from: at(0, 0, 30), to: at(0, 1) },
    }),
    sweep(site, {
      name: 'RDP to twelve desktops, five minutes apart',
      rules: ['lateral_movement'],
      ...{ client: '10.20.10.35', servers: hosts('10.20.10.', 120, 12), port: 3389, fate: 'reset' },
      ...{ from: at(15, 10), to: at(16, 5) },
    }),
    contact(site, {
      name: 'FTP to a server outside',
      rules: ['cleartext_services'],
      ...{ client: '10.20.10.36', server: '198.19.93.3', port: 21, from: at(11, 20), to: at(11, 22) },
    }),
    insist(site, {
      name: 'mail to a server outside, sixty times in ten minutes',
      rules: ['rejected_egress', 'repeated_rejects'],
      ...{ client: '10.20.10.37', server: '198.19.206.7', port: 25, count: 60, fate: 'refused by source' },
      ...{ from: at(9, 55), to: at(10, 5) },
    }),
    contact(site, {
      name: 'a page of somebody on the threat list',
      rules: ['threat_list_traffic'],
      ...{
        client: '10.20.10.38',
        server: '198.51.100.150',
        port: 443,
        from: at(13, 30),
        to: at(13, 30, 20),
      },
    }),
    skip('five minutes of the NAT gateway, right after midnight', seenBy('10.20.0.5'), at(0, 3), 5),
    quietPeriod('eighty minutes of a file server', seenBy('10.20.1.11'), at(11), at(12, 20)),
  ];
}
