import { createHash } from 'node:crypto';
import type { FieldKind } from '../core/fields.ts';
import { slotsPerTimespan } from '../core/window.ts';
import type { Measure, Predicate, Series } from './compiled.ts';

/** What a rule wants to have counted: flows that match one of `where`, per group, measured, over a time. */
export interface WantedSeries {
  readonly where: readonly Predicate[];
  readonly groupBy: readonly string[];
  readonly measure: Measure;
  readonly timespanSeconds: number;
}

/**
 * The id of the series that counts what is wanted, added to the known ones unless one of them means the same. The id
 * is as short as tells them apart: it is part of each slot's attribute name, which DynamoDB bills as it bills values.
 */
export function shareSeries(known: Map<string, Series>, wanted: WantedSeries): string {
  const { where, measure, timespanSeconds } = wanted;
  const series = {
    where: where.length === 1 ? where[0]! : { any: where },
    groupBy: [...wanted.groupBy].sort(),
    measure,
    slotSeconds: Math.ceil(timespanSeconds / slotsPerTimespan),
  };
  const definition = definitionOf(series);
  const digest = createHash('sha256').update(definition).digest('hex');
  let id = digest.slice(0, 3);
  while (known.has(id) && definitionOf(known.get(id)!) !== definition) id = digest.slice(0, id.length + 1);
  known.set(id, { id, ...series, measure: widest(measure, known.get(id)?.measure) });
  return id;
}

/**
 * How many distinct values a slot may hold: an item may have 400 KB (DynamoDB Developer Guide, "Quotas") and keeps up to
 * 60 slots, so a slot has 6 KB; an address takes up to 42 bytes, a number 8, any other text is taken for 100. Half of
 * that, since a batch may fill a slot that has room for one more with as many again.
 */
export function maxDistinct(kind: FieldKind): number {
  if (kind === 'address') return 70;
  return kind === 'string' ? 30 : 375;
}

function definitionOf({ where, groupBy, measure, slotSeconds }: Omit<Series, 'id'>): string {
  const field = measure.kind === 'count' ? null : measure.field;
  return JSON.stringify([where, groupBy, measure.kind, field, slotSeconds]);
}

function widest(wanted: Measure, known: Measure | undefined): Measure {
  if (wanted.kind !== 'distinct' || known?.kind !== 'distinct') return wanted;
  return { ...wanted, cap: Math.max(wanted.cap, known.cap) };
}
