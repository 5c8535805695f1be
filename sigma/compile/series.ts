import { createHash } from 'node:crypto';
import { maxAdditions } from '../../lambda/aggregate/delta-builder.ts';
import { retainedSlots, slotSecondsOf, slotsPerTimespan } from '../../lambda/counters/window.ts';
import { type FieldKind, fields } from '../../lambda/flow-log/fields.ts';
import { windowsOf } from '../../lambda/rules/correlation.ts';
import type { Measure, Predicate, Rule, Series } from '../../lambda/rules/model.ts';

/** What a rule wants to have counted: flows that match one of `where`, per group, measured, over a time. */
export interface WantedSeries {
  readonly where: readonly Predicate[];
  /** The names of a group's key, each with the field that it is read from. */
  readonly group: ReadonlyMap<string, string>;
  readonly measure: Measure;
  readonly timespanSeconds: number;
}

/**
 * The id of the series that counts what is wanted, added to the known ones unless one of them means the same. The id
 * is as short as tells them apart: it is part of each slot's attribute name, which DynamoDB bills as it bills values.
 */
export function shareSeries(known: Map<string, Series>, wanted: WantedSeries): string {
  const { where, measure, timespanSeconds } = wanted;
  const groupBy = [...wanted.group.keys()].sort();
  const series = {
    where: where.length === 1 ? where[0]! : { any: where },
    groupBy,
    groupFields: groupBy.map((name) => wanted.group.get(name)!),
    measure,
    slotSeconds: slotSecondsOf(timespanSeconds),
  };
  const definition = definitionOf(series);
  const digest = createHash('sha256').update(definition).digest('hex');
  let id = digest.slice(0, 4);
  while (known.has(id) && definitionOf(known.get(id)!) !== definition) id = digest.slice(0, id.length + 1);
  known.set(id, { id, ...series, measure: widest(measure, known.get(id)?.measure) });
  return id;
}

/** An item may have 400 KB (DynamoDB Developer Guide, "Quotas"); some of it is left for all but sets. */
const setBytes = 350_000;

/**
 * Caps the sets of distinct values so that an item full of them fits, and says which rules ask for more.
 *
 * @param series changed in place
 */
export function fitSets(rules: readonly Rule[], series: Map<string, Series>): { rule: string; problem: string }[] {
  const sets = [...series.values()].filter(({ measure }) => measure.kind === 'distinct');
  return sets.flatMap((one) => {
    const { measure, groupBy, slotSeconds } = one;
    if (measure.kind !== 'distinct') return [];
    const sharers = sets.filter((other) => other.groupBy.join() === groupBy.join()).length;
    const kind = measure.also ? 'string' : fields.get(measure.field)!.kind;
    const most = maxDistinct(kind, retainedSlots(slotSeconds, windowsOf(one.id, rules)), sharers);
    series.set(one.id, { ...one, measure: { ...measure, cap: Math.min(measure.cap, most) } });
    const asking = rules.filter((rule) => dueValues(rule, one.id).some((due) => due > most));
    const why = sharers > 1 ? `, since ${sharers} such series group by ${groupBy.join(', ')}` : '';
    const problem = `value_count of ${measure.field} can tell at most ${most} values apart here${why}`;
    return asking.map(({ name }) => ({ rule: name, problem }));
  });
}

/** What a distinct value takes at most in a set, in bytes: see aggregate/aggregate.ts for what becomes of long ones. */
export function valueBytes(kind: FieldKind): number {
  return kind === 'address' ? 42 : kind === 'string' ? 102 : 8;
}

/** Sets have room for two windows, though one is kept: stale slots go by the score. */
const leastSlots = 2 * (slotsPerTimespan + 1);

/**
 * How many distinct values a slot may hold: an item has up to half as many slots again as it keeps, and those that one
 * update adds.
 *
 * @param kept for how many slots an item keeps them
 * @param sharers how many series of distinct values are kept on the same item
 */
function maxDistinct(kind: FieldKind, kept: number, sharers: number): number {
  const slots = Math.ceil(1.5 * Math.max(leastSlots, kept)) + maxAdditions;
  return Math.floor(setBytes / (slots * valueBytes(kind) * sharers));
}

/** The least numbers of distinct values of a series that a rule, or a rule within it, is over its threshold at. */
function dueValues({ correlation, comparison, threshold }: Rule, series: string): number[] {
  const due = (over: 'gt' | 'gte', than: number) => (over === 'gt' ? than + 1 : than);
  if (correlation.type === 'value_count')
    return correlation.series.includes(series) ? [due(comparison, threshold)] : [];
  if (correlation.type !== 'temporal' && correlation.type !== 'temporal_ordered') return [];
  return correlation.parts.flatMap((part) =>
    'correlation' in part && part.correlation.series.includes(series) ? [due(part.comparison, part.threshold)] : [],
  );
}

function definitionOf({ where, groupBy, groupFields, measure, slotSeconds }: Omit<Series, 'id'>): string {
  const field = measure.kind === 'count' ? null : measure.field;
  const also = measure.kind === 'distinct' && measure.also ? measure.also : [];
  const aliased = groupFields.some((name, index) => name !== groupBy[index]) ? [groupFields] : [];
  return JSON.stringify([where, groupBy, measure.kind, field, slotSeconds, ...also, ...aliased]);
}

function widest(wanted: Measure, known: Measure | undefined): Measure {
  if (wanted.kind !== 'distinct' || known?.kind !== 'distinct') return wanted;
  return { ...wanted, cap: Math.max(wanted.cap, known.cap) };
}
