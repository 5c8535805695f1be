import { countedValue } from './ends.ts';
import type { Flow } from './parse.ts';

/** What the flows of one batch that a series counted were like, for the alert. */
export interface Evidence {
  /** How many flows there were. */
  readonly flows: number;
  /** The values seen of each field of interest: the first eight, each cut after 256 characters. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The fields of which more values were seen than are kept. */
  readonly more: ReadonlySet<string>;
}

const maxValues = 8;

/** A message may have 256 KiB (SNS, "Quotas"), so no value may be long. */
const maxLength = 256;

const fieldsOfInterest = [
  'srcaddr',
  'dstaddr',
  'dstport',
  'protocol',
  'interface-id',
  'instance-id',
  'subnet-id',
  'vpc-id',
  'account-id',
  'region',
  'flow-direction',
  'reject-reason',
];

/** Gathers evidence, flow by flow. */
export class EvidenceGatherer implements Evidence {
  flows = 0;
  readonly values = new Map<string, string[]>();
  readonly more = new Set<string>();

  add(flow: Flow): void {
    this.flows += 1;
    for (const field of fieldsOfInterest) {
      const value = countedValue(flow, field)?.slice(0, maxLength);
      if (value === undefined) continue;
      const seen = this.values.get(field);
      if (!seen) this.values.set(field, [value]);
      else if (!seen.includes(value)) {
        if (seen.length < maxValues) seen.push(value);
        else this.more.add(field);
      }
    }
  }
}
