import { endpointValue } from '../flow-log/endpoints.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import type { Flow } from '../flow-log/flow.ts';
import { seriesOf } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';

const maxValues = 8;
const maxSamples = 8;

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
  'action',
  'tcp-flags',
];

/** What makes a flow a further sample. */
const samplesDifferIn = ['srcaddr', 'dstaddr', 'dstport', 'protocol', 'action', 'flow-direction'];

/**
 * Gathers evidence, flow by flow. Few of a batch's counters come to an alert, and nobody asks what the flows of the others
 * were like: they are looked at when it is asked for.
 */
export class EvidenceGatherer implements Evidence {
  flows = 0;
  // Of a flood's counters each has one flow: an array for it would take more memory than all else.
  #first: Flow | undefined;
  #others: Flow[] | undefined;
  #seen: Seen | undefined;

  get values(): ReadonlyMap<string, readonly string[]> {
    return this.#look().values;
  }

  get truncatedFields(): ReadonlySet<string> {
    return this.#look().more;
  }

  get hasPacketAddresses(): boolean {
    return this.#look().hasTrueEnds;
  }

  get samples(): readonly Flow[] {
    return this.#look().samples;
  }

  add(flow: Flow): void {
    this.flows += 1;
    if (this.#others) this.#others.push(flow);
    else if (this.#first) this.#others = [flow];
    else this.#first = flow;
  }

  /** Adds what was gathered elsewhere. */
  merge(other: Evidence): void {
    this.#look().merge(other);
    this.flows += other.flows;
  }

  #look(): Seen {
    this.#seen ??= new Seen();
    if (this.#first) this.#seen.add(this.#first);
    for (const flow of this.#others ?? []) this.#seen.add(flow);
    this.#first = undefined;
    this.#others = undefined;
    return this.#seen;
  }
}

/** What was seen of the flows that were looked at. */
class Seen {
  hasTrueEnds = false;
  readonly values = new Map<string, string[]>();
  readonly more = new Set<string>();
  readonly samples: Flow[] = [];

  add(flow: Flow): void {
    this.hasTrueEnds ||= flow.format.indexOf.has('pkt-srcaddr') && flow.format.indexOf.has('pkt-dstaddr');
    for (const field of fieldsOfInterest) {
      const value = endpointValue(flow, field);
      if (value !== undefined) this.#see(field, value.slice(0, maxLength));
    }
    this.#sample(flow);
  }

  merge(other: Evidence): void {
    this.hasTrueEnds ||= other.hasPacketAddresses;
    for (const [field, values] of other.values) for (const value of values) this.#see(field, value);
    for (const field of other.truncatedFields) this.more.add(field);
    for (const flow of other.samples) this.#sample(flow);
  }

  #sample(flow: Flow): void {
    if (this.samples.length >= maxSamples) return;
    const isLike = (other: Flow) =>
      samplesDifferIn.every((field) => endpointValue(flow, field) === endpointValue(other, field));
    if (!this.samples.some(isLike)) this.samples.push(flow);
  }

  #see(field: string, value: string): void {
    const seen = this.values.get(field);
    if (!seen) this.values.set(field, [value]);
    else if (!seen.includes(value)) {
      if (seen.length < maxValues) seen.push(value);
      else this.more.add(field);
    }
  }
}

/** What the flows of the batch were like that a rule is about; undefined where there were none. */
export function evidenceOf({ correlation }: Rule, bySeries: ReadonlyMap<string, Evidence>): Evidence | undefined {
  const found = seriesOf(correlation).flatMap((id) => bySeries.get(id) ?? []);
  if (found.length <= 1) return found[0];
  const merged = new EvidenceGatherer();
  for (const one of found) merged.merge(one);
  return merged;
}
