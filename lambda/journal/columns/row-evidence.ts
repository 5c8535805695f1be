import type { CounterKey } from '../../counters/counter-key.ts';
import type { Evidence } from '../../flow-log/evidence.ts';
import type { Flow } from '../../flow-log/flow.ts';
import type { DeltaColumns } from './column-layout.ts';
import { flowOfSample, sampleFields, sampleOf, sampleValues } from './sample-text.ts';

/** The maximum number of samples of a row and series. */
export const maxSamples = 8;

/** Evidence as columns hold it. */
export interface ReducedEvidence {
  readonly flows: number;
  /** Bit 0: the format has packet addresses. Bit `n + 1`: field `n` of samples has values that no sample has. */
  readonly flags: number;
  /** At most eight texts: see sample-text.ts. */
  readonly samples: readonly string[];
}

/** Flags of evidence have fewer bits than this. */
export const flagBits = sampleFields.length + 1;

/**
 * Reduces evidence to samples.
 *
 * @param isNotable whether samples have the place of their observation
 * @param isPresence whether the series asks only for any flow: one sample is then enough, and no value is looked up
 */
export function reduceEvidence(
  evidence: Evidence,
  key: CounterKey,
  isNotable: boolean,
  isPresence: boolean,
): ReducedEvidence {
  const only = evidence.flows === 1 ? evidence.samples[0] : undefined;
  if (only) {
    return { flows: 1, flags: evidence.hasPacketAddresses ? 1 : 0, samples: [sampleOf(only, key, isNotable)] };
  }
  const all = [...new Set(evidence.samples.map((flow) => sampleOf(flow, key, isNotable)))];
  const samples = all.slice(0, isPresence ? 1 : maxSamples);
  const lost = all.slice(samples.length).reduce((flags, sample) => flags | lostFields(sample, samples), 0);
  const flags = lost | (evidence.hasPacketAddresses ? 1 : 0);
  const hasAll = isPresence || evidence.flows === evidence.samples.length;
  return { flows: evidence.flows, flags: hasAll ? flags : flags | missingFields(evidence, samples, key), samples };
}

/** Returns the flags of the fields that have values which no sample has: flows of one sample may differ in other fields. */
function missingFields(evidence: Evidence, samples: readonly string[], key: CounterKey): number {
  const known = samples.map((sample) => sampleValues(sample, key));
  const fields = sampleFields.slice(0, Math.min(sampleFields.length, samples[0]?.split(' ').length ?? 0));
  const missing = fields.map((name, index) => {
    if (evidence.truncatedFields.has(name)) return true;
    return evidence.values.get(name)?.some((value) => !known.some((values) => values[index] === value)) ?? false;
  });
  return missing.reduce(withFlag, 0);
}

function withFlag(flags: number, isMissing: boolean, index: number): number {
  return isMissing ? flags | (2 << index) : flags;
}

/** Returns the flags of the fields in which a left-out sample has a value that no other sample of the same key has. */
export function lostFields(lost: string, samples: readonly string[]): number {
  const known = samples.map((sample) => sample.split(' '));
  const values = lost.split(' ').slice(0, sampleFields.length);
  return values.map((value, index) => value !== '-' && !known.some((all) => all[index] === value)).reduce(withFlag, 0);
}

/** Returns the evidence of a row by series. */
export function evidenceAt(
  { series: table, evidence: { from, series, flows, flags, sampleFrom, sample, table: samples } }: DeltaColumns,
  row: number,
  key: CounterKey,
): ReadonlyMap<string, Evidence> {
  const found = new Map<string, Evidence>();
  for (let entry = from[row]!; entry < from[row + 1]!; entry += 1) {
    const texts = Array.from(sample.subarray(sampleFrom[entry], sampleFrom[entry + 1]), (index) => samples[index]!);
    found.set(table[series[entry]!]!.id, new RowEvidence(key, flows[entry]!, flags[entry]!, texts));
  }
  return found;
}

/** Evidence of a row. Values and flows are made when they are read, since few rows lead to an alert. */
class RowEvidence implements Evidence {
  readonly flows: number;
  readonly #key: CounterKey;
  readonly #flags: number;
  readonly #samples: readonly string[];

  constructor(key: CounterKey, flows: number, flags: number, samples: readonly string[]) {
    this.flows = flows;
    this.#key = key;
    this.#flags = flags;
    this.#samples = samples;
  }

  get hasPacketAddresses(): boolean {
    return (this.#flags & 1) === 1;
  }

  get truncatedFields(): ReadonlySet<string> {
    return new Set(sampleFields.filter((_, index) => (this.#flags & (2 << index)) !== 0));
  }

  get values(): ReadonlyMap<string, readonly string[]> {
    const all = this.#samples.map((sample) => sampleValues(sample, this.#key));
    const values = sampleFields.map((name, index): [string, string[]] => {
      return [name, [...new Set(all.flatMap((sample) => sample[index] ?? []))]];
    });
    return new Map(values.filter(([, found]) => found.length > 0));
  }

  get samples(): readonly Flow[] {
    return this.#samples.map((sample) => flowOfSample(sample, this.#key));
  }
}
