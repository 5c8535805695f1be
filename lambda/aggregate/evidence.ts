import { endpointValue } from '../flow-log/endpoints.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import { type Flow, fieldOf } from '../flow-log/flow.ts';
import { serviceName } from '../flow-log/service-names.ts';
import { seriesOf } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';

const maxValues = 8;
const maxSamples = 8;

/** The maximum length of a value in characters: a message may have 256 KiB (SNS, "Quotas"). */
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
  'pkt-src-aws-service',
  'pkt-dst-aws-service',
];

/** A flow that differs from all samples in one of these fields is a further sample. */
const samplesDifferIn = ['srcaddr', 'dstaddr', 'dstport', 'protocol', 'action', 'flow-direction'];

/**
 * Gathers evidence from flows. It examines the flows only when a property is read, since few counters of a batch lead to
 * an alert.
 */
export class EvidenceGatherer implements Evidence {
  flows = 0;
  // In a flood each counter has one flow, and an array for it would take more memory than everything else.
  #first: Flow | undefined;
  #others: Flow[] | undefined;
  #examined: ExaminedFlows | undefined;

  get values(): ReadonlyMap<string, readonly string[]> {
    return this.#examine().values;
  }

  get truncatedFields(): ReadonlySet<string> {
    return this.#examine().truncatedFields;
  }

  get hasPacketAddresses(): boolean {
    return this.#examine().hasPacketAddresses;
  }

  get samples(): readonly Flow[] {
    return this.#examine().samples;
  }

  add(flow: Flow): void {
    this.flows += 1;
    if (this.#others) this.#others.push(flow);
    else if (this.#first) this.#others = [flow];
    else this.#first = flow;
  }

  /** Adds the evidence of other flows. */
  merge(other: Evidence): void {
    this.#examine().merge(other);
    this.flows += other.flows;
  }

  #examine(): ExaminedFlows {
    this.#examined ??= new ExaminedFlows();
    if (this.#first) this.#examined.add(this.#first);
    for (const flow of this.#others ?? []) this.#examined.add(flow);
    this.#first = undefined;
    this.#others = undefined;
    return this.#examined;
  }
}

/** The values and samples of the flows examined so far. */
class ExaminedFlows {
  hasPacketAddresses = false;
  readonly values = new Map<string, string[]>();
  readonly truncatedFields = new Set<string>();
  readonly samples: Flow[] = [];

  add(flow: Flow): void {
    this.hasPacketAddresses ||= flow.format.indexOf.has('pkt-srcaddr') && flow.format.indexOf.has('pkt-dstaddr');
    for (const field of fieldsOfInterest) {
      const value = endpointValue(flow, field);
      if (value !== undefined) this.#addValue(field, value.slice(0, maxLength));
    }
    // Answers come from the port of a service; other source ports are arbitrary, and each flow has another.
    const port = fieldOf(flow, 'srcport');
    if (port !== undefined && serviceName(port, fieldOf(flow, 'protocol') ?? '') !== undefined) {
      this.#addValue('srcport', port);
    }
    this.#addSample(flow);
  }

  merge(other: Evidence): void {
    this.hasPacketAddresses ||= other.hasPacketAddresses;
    for (const [field, values] of other.values) for (const value of values) this.#addValue(field, value);
    for (const field of other.truncatedFields) this.truncatedFields.add(field);
    for (const flow of other.samples) this.#addSample(flow);
  }

  #addSample(flow: Flow): void {
    if (this.samples.length >= maxSamples) return;
    const isSimilar = (other: Flow) =>
      samplesDifferIn.every((field) => endpointValue(flow, field) === endpointValue(other, field));
    if (!this.samples.some(isSimilar)) this.samples.push(flow);
  }

  #addValue(field: string, value: string): void {
    const known = this.values.get(field);
    if (!known) this.values.set(field, [value]);
    else if (!known.includes(value)) {
      if (known.length < maxValues) known.push(value);
      else this.truncatedFields.add(field);
    }
  }
}

/** Returns the evidence of the batch's flows in the series of a rule; undefined if there are no such flows. */
export function evidenceOf({ correlation }: Rule, bySeries: ReadonlyMap<string, Evidence>): Evidence | undefined {
  const all = seriesOf(correlation).flatMap((id) => bySeries.get(id) ?? []);
  if (all.length <= 1) return all[0];
  const merged = new EvidenceGatherer();
  for (const evidence of all) merged.merge(evidence);
  return merged;
}
