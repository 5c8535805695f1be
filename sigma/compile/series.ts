import { createHash } from 'node:crypto';
import { maxAdditions } from '../../lambda/aggregate/update-parts.ts';
import { retainedSlots, slotSecondsOf, slotsPerTimespan } from '../../lambda/counters/window.ts';
import type { RuleFieldKind } from '../../lambda/flow-log/fields.ts';
import { kindOf } from '../../lambda/flow-log/region-fields.ts';
import { lateEventSecondsOf, windowCount } from '../../lambda/rules/correlation.ts';
import type { EventSource } from '../../lambda/rules/event-source.ts';
import type { Correlation, Measure, Predicate, Rule, Series, TemporalPart } from '../../lambda/rules/model.ts';

/** A series that a rule needs: the flows that match any of `where`, per key, measured, over a time. */
export interface SeriesRequest {
  readonly where: readonly Predicate[];
  /** The events that are counted; undefined for flows. */
  readonly eventSource: EventSource | undefined;
  /** For each part of the key, the field that it is read from. */
  readonly keyFields: ReadonlyMap<string, string>;
  readonly measure: Measure;
  readonly timespanSeconds: number;
}

/** Returns a series whose id is a digest of its definition. */
export function newSeries({ where, eventSource, keyFields, measure, timespanSeconds }: SeriesRequest): Series {
  const groupBy = [...keyFields.keys()].sort();
  const series = {
    ...(eventSource && { source: eventSource }),
    where: where.length === 1 ? where[0]! : { any: where },
    groupBy,
    groupFields: groupBy.map((name) => keyFields.get(name)!),
    measure,
    slotSeconds: slotSecondsOf(timespanSeconds),
  };
  const id = createHash('sha256').update(definitionOf(series)).digest('hex');
  return { id, ...series };
}

/** Rules with the series that they share, and the rules whose sets of distinct values exceed an item. */
export interface AllocatedSeries {
  readonly rules: readonly Rule[];
  readonly series: readonly Series[];
  readonly problems: readonly { readonly rule: string; readonly problem: string }[];
}

/**
 * Merges the series that mean the same, and gives each the shortest unique id: the id is part of the name of each
 * slot's attribute, which DynamoDB bills as it bills values. Then caps the sets of distinct values.
 *
 * @param requested the series of all rules, in the order of the rules
 */
export function allocateSeries(rules: readonly Rule[], requested: readonly Series[]): AllocatedSeries {
  const shortIds = new Map<string, string>();
  const merged = new Map<string, Series>();
  for (const request of requested) {
    const id = shortIds.get(request.id) ?? shortId(request.id, merged);
    shortIds.set(request.id, id);
    merged.set(id, { ...request, id, measure: widest(request.measure, merged.get(id)?.measure) });
  }
  const renamed = rules.map((rule) => withSeriesIds(rule, (digest) => shortIds.get(digest)!));
  const fitted = fitSets(renamed, [...merged.values()]);
  return { rules: renamed, ...fitted };
}

function shortId(digest: string, taken: ReadonlyMap<string, Series>): string {
  let length = minIdLength;
  while (taken.has(digest.slice(0, length))) length += 1;
  return digest.slice(0, length);
}

const minIdLength = 4;

function withSeriesIds(rule: Rule, idOf: (digest: string) => string): Rule {
  const { correlation, extension } = rule;
  const { silent } = extension;
  return {
    ...rule,
    correlation: correlationWithIds(correlation, idOf),
    extension: silent ? { ...extension, silent: { ...silent, while: idOf(silent.while) } } : extension,
  };
}

function correlationWithIds<C extends Correlation>(correlation: C, idOf: (digest: string) => string): C;
function correlationWithIds(correlation: Correlation, idOf: (digest: string) => string): Correlation {
  switch (correlation.type) {
    case 'value_avg':
      return { ...correlation, sums: correlation.sums.map(idOf), counts: correlation.counts.map(idOf) };
    case 'value_percentile':
      return { ...correlation, above: correlation.above.map(idOf), all: correlation.all.map(idOf) };
    case 'temporal':
    case 'temporal_ordered': {
      const parts = correlation.parts.map(
        (part): TemporalPart =>
          'times' in part
            ? { ...part, times: idOf(part.times) }
            : { ...part, correlation: correlationWithIds(part.correlation, idOf) },
      );
      return { ...correlation, parts };
    }
    default:
      return { ...correlation, series: correlation.series.map(idOf) };
  }
}

/** Bytes of an item for its sets, of the 400 KB that it may have (DynamoDB Developer Guide, "Quotas"). */
const setBytes = 350_000;

/** Caps the sets of distinct values so that an item full of them fits, and names the rules that need more. */
function fitSets(rules: readonly Rule[], series: readonly Series[]): Omit<AllocatedSeries, 'rules'> {
  const fitted = series.map((one) => fitSet(one, rules, series));
  return { series: fitted.map((one) => one.series), problems: fitted.flatMap(({ problems }) => problems) };
}

/** @param all the series of all rules, of which those with the same key share an item */
function fitSet(series: Series, rules: readonly Rule[], all: readonly Series[]) {
  const { measure, groupBy, slotSeconds, source } = series;
  if (measure.kind !== 'distinct') return { series, problems: [] };
  const isSharer = (other: Series) => other.measure.kind === 'distinct' && other.groupBy.join() === groupBy.join();
  const sharers = all.filter(isSharer).length;
  const kind = distinctKind({ measure, source });
  const retained = retainedSlots(slotSeconds, windowCount(series.id, rules), lateEventSecondsOf(series.id, rules));
  const maxValues = maxDistinct(kind, retained, sharers);
  const asking = rules.filter((rule) => dueValues(rule, series.id).some((due) => due > maxValues));
  const why = sharers > 1 ? `, since ${sharers} such series group by ${groupBy.join(', ')}` : '';
  const problem = `value_count of ${measure.field} can count at most ${maxValues} distinct values here${why}; lower the threshold`;
  return {
    series: { ...series, measure: { ...measure, cap: Math.min(measure.cap, maxValues) } },
    problems: asking.map(({ name }) => ({ rule: name, problem })),
  };
}

/** Returns the kind of the values in the sets of a series of distinct values. */
export function distinctKind({
  measure,
  source,
}: {
  measure: DistinctMeasure;
  source?: EventSource | undefined;
}): RuleFieldKind {
  return measure.also || (source && measure.field !== 'end') ? 'string' : kindOf(measure.field)!;
}

type DistinctMeasure = Extract<Measure, { kind: 'distinct' }>;

/** Returns the maximum bytes of a distinct value in a set. aggregate/aggregate.ts shortens longer values. */
export function valueBytes(kind: RuleFieldKind): number {
  return kind === 'address' ? 42 : kind === 'string' ? 102 : 8;
}

/** Slots of two windows: an item stores one window, and expired slots are removed in groups. */
const minSlots = 2 * (slotsPerTimespan + 1);

/**
 * Returns the maximum number of distinct values of a slot. An item has up to 1.5 times the slots that it retains, and
 * the slots that one update adds.
 *
 * @param retained the number of slots that an item retains
 * @param sharers the number of series of distinct values on the same item
 */
function maxDistinct(kind: RuleFieldKind, retained: number, sharers: number): number {
  const slots = Math.ceil(1.5 * Math.max(minSlots, retained)) + maxAdditions;
  return Math.floor(setBytes / (slots * valueBytes(kind) * sharers));
}

/** Returns the numbers of distinct values of a series at which a rule, or a part of it, exceeds its threshold. */
function dueValues({ correlation, ...rule }: Rule, series: string): number[] {
  const due = (comparison: Rule['comparison'], threshold: number) => (comparison === 'gt' ? threshold + 1 : threshold);
  if (correlation.type === 'value_count')
    return correlation.series.includes(series) ? [due(rule.comparison, rule.threshold)] : [];
  if (correlation.type !== 'temporal' && correlation.type !== 'temporal_ordered') return [];
  return correlation.parts.flatMap((part) =>
    'correlation' in part && part.correlation.series.includes(series) ? [due(part.comparison, part.threshold)] : [],
  );
}

function definitionOf({ where, source, groupBy, groupFields, measure, slotSeconds }: Omit<Series, 'id'>): string {
  const field = 'field' in measure ? measure.field : null;
  const also = measure.kind === 'distinct' && measure.also ? measure.also : [];
  const aliased = groupFields.some((name, index) => name !== groupBy[index]) ? [groupFields] : [];
  return JSON.stringify([
    where,
    groupBy,
    measure.kind,
    field,
    slotSeconds,
    ...also,
    ...aliased,
    ...(source ? [{ source }] : []),
  ]);
}

/** Returns the measure with the larger cap, for rules that share a series. */
function widest(wanted: Measure, known: Measure | undefined): Measure {
  if (wanted.kind !== 'distinct' || known?.kind !== 'distinct') return wanted;
  return { ...wanted, cap: Math.max(wanted.cap, known.cap) };
}
