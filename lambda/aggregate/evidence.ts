import { endpointValue } from '../flow-log/endpoints.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import { type Flow, fieldOf } from '../flow-log/flow.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import { serviceName } from '../flow-log/service-names.ts';
import { tagFieldsOf } from '../flow-log/tag-fields.ts';
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
  ...Object.values(tagFieldsOf).flat(),
];

/** A flow that differs from all samples in one of these fields is a further sample. */
const samplesDifferIn = ['srcaddr', 'dstaddr', 'dstport', 'protocol', 'action', 'flow-direction'];

/**
 * Gathers evidence from flows. It examines the flows only when a property is read, since few counters of a batch lead to
 * an alert.
 */
export class EvidenceGatherer implements Evidence {
  flows = 0;
  #rows: FlowRows | undefined;
  // In a flood each counter has one flow, and an array for it would take more memory than everything else.
  #first = 0;
  #others: number[] | undefined;
  #values: GatheredValues | undefined;
  #samples: GatheredSamples | undefined;

  get values(): ReadonlyMap<string, readonly string[]> {
    return this.#examineValues().values;
  }

  get truncatedFields(): ReadonlySet<string> {
    return this.#examineValues().truncatedFields;
  }

  get hasPacketAddresses(): boolean {
    return this.#examineSamples().hasPacketAddresses;
  }

  get samples(): readonly Flow[] {
    return this.#examineSamples().samples;
  }

  /** Adds the flow of a row. Every call has the same rows. */
  add(rows: FlowRows, row: number): void {
    this.flows += 1;
    if (this.#others) this.#others.push(row);
    else if (this.#rows) this.#others = [row];
    else {
      this.#rows = rows;
      this.#first = row;
    }
  }

  /** Adds the evidence of other flows. */
  merge(other: Evidence): void {
    this.#examineValues().merge(other);
    this.#examineSamples().merge(other);
    this.flows += other.flows;
  }

  /** Values and samples are examined separately: a page of the journal needs no more than samples. */
  #examineValues(): GatheredValues {
    this.#values ??= new GatheredValues();
    if (this.#rows) this.#values.examine(this.#rows, this.#first, this.#others);
    return this.#values;
  }

  #examineSamples(): GatheredSamples {
    this.#samples ??= new GatheredSamples();
    if (this.#rows) this.#samples.examine(this.#rows, this.#first, this.#others);
    return this.#samples;
  }
}

/** Examines each flow once. */
abstract class Examiner {
  #examined = 0;

  /** @param others rows after the first one; rows may have been added since the last call */
  examine(rows: FlowRows, first: number, others: readonly number[] = []): void {
    if (this.#examined === 0) this.add(rows.flow(first));
    for (let index = Math.max(0, this.#examined - 1); index < others.length; index += 1) {
      this.add(rows.flow(others[index]!));
    }
    this.#examined = 1 + others.length;
  }

  protected abstract add(flow: Flow): void;
}

/** The values of the flows examined so far. */
class GatheredValues extends Examiner {
  readonly values = new Map<string, string[]>();
  readonly truncatedFields = new Set<string>();

  protected add(flow: Flow): void {
    for (const field of fieldsOfInterest) {
      const value = endpointValue(flow, field);
      if (value !== undefined) this.#addValue(field, value.slice(0, maxLength));
    }
    // Answers come from the port of a service; other source ports are arbitrary, and each flow has another.
    const port = fieldOf(flow, 'srcport');
    if (port !== undefined && serviceName(port, fieldOf(flow, 'protocol') ?? '') !== undefined) {
      this.#addValue('srcport', port);
    }
  }

  merge(other: Evidence): void {
    for (const [field, values] of other.values) for (const value of values) this.#addValue(field, value);
    for (const field of other.truncatedFields) this.truncatedFields.add(field);
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

/** The samples of the flows examined so far. */
class GatheredSamples extends Examiner {
  hasPacketAddresses = false;
  readonly samples: Flow[] = [];

  protected add(flow: Flow): void {
    this.hasPacketAddresses ||= flow.format.indexOf.has('pkt-srcaddr') && flow.format.indexOf.has('pkt-dstaddr');
    this.#addSample(flow);
  }

  merge(other: Evidence): void {
    this.hasPacketAddresses ||= other.hasPacketAddresses;
    for (const flow of other.samples) this.#addSample(flow);
  }

  #addSample(flow: Flow): void {
    if (this.samples.length >= maxSamples) return;
    const isSimilar = (other: Flow) =>
      samplesDifferIn.every((field) => endpointValue(flow, field) === endpointValue(other, field));
    if (!this.samples.some(isSimilar)) this.samples.push(flow);
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
