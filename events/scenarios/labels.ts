import type { Level } from '../../lambda/rules/level.ts';

/** The rules of the catalogue and the fields that each groups by. */
export const groupBy = {
  data_exfiltration: ['srcaddr', 'dstaddr'],
  lateral_movement: ['srcaddr'],
  rejects_from_suspicious_ranges: ['srcaddr', 'dstaddr'],
  repeated_rejects: ['srcaddr', 'dstaddr'],
  horizontal_sweep: ['srcaddr', 'dstport'],
  vertical_scan: ['srcaddr', 'dstaddr'],
  admin_brute_force: ['srcaddr', 'dstaddr'],
  probe_that_got_in: ['srcaddr', 'dstaddr'],
  slow_exfiltration: ['srcaddr', 'dstaddr'],
  exfiltration_to_rare_destination: ['srcaddr', 'dstaddr'],
  dns_tunnelling: ['srcaddr', 'dstaddr'],
  beaconing: ['srcaddr', 'dstaddr'],
  low_and_slow: ['srcaddr', 'dstaddr'],
  long_connection: ['srcaddr', 'srcport', 'dstaddr', 'dstport', 'protocol'],
  cleartext_services: ['srcaddr', 'dstaddr'],
  segmentation_policy: ['srcaddr', 'dstaddr'],
  rejected_egress: ['srcaddr', 'dstaddr'],
  threat_list_traffic: ['srcaddr', 'dstaddr'],
  skipped_records: ['interface-id'],
  silent_interface: ['interface-id'],
} as const;

export type RuleName = keyof typeof groupBy;

/** The rules of the catalogue that read events. */
export const eventRules = ['opened_to_world_and_used', 'finding_and_much_data', 'flow_logs_deleted'] as const;

export type EventRuleName = (typeof eventRules)[number];

/** An expected alert: an alert with this rule and key is true if its window overlaps the time span. */
export interface Label {
  readonly rule: RuleName | EventRuleName;
  readonly key: Readonly<Record<string, string>>;
  /** Epoch seconds, both included. */
  readonly from: number;
  readonly to: number;
  /** The level, if context is due to raise it. */
  readonly level?: Level;
}

/** Creates a label for each rule. @param fields has the fields of all keys */
export function labelsOf(
  rules: readonly RuleName[],
  fields: Readonly<Record<string, string | number>>,
  from: number,
  to: number,
): Label[] {
  return rules.map((rule) => {
    const key = groupBy[rule].map((name): [string, string] => [name, String(fields[name])]);
    return { rule, key: Object.fromEntries(key), from, to };
  });
}
