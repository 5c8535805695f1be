import type { Quantity } from '../../common/quantity.ts';
import { slotOf } from '../../counters/window.ts';
import type { DeltaColumns, SeriesDefinition } from '../columns/column-layout.ts';
import { ColumnsBuilder } from '../columns/columns-builder.ts';
import { ipv4PairOf, keyOfText } from '../columns/key-fields.ts';
import { flagBits, maxSamples } from '../columns/row-evidence.ts';
import { ByteReader } from './byte-reader.ts';
import { keyKindMask, keyKinds, maxPageRows, maxPageSeries, measureKinds, rowFlags } from './page-codes.ts';
import { ReferenceReader } from './renumbered.ts';
import { type AdditionShape, additionShape, type EvidenceShape, evidenceShape, forms } from './row-shapes.ts';
import { readSamples } from './sample-table.ts';

interface Shape {
  readonly additions: readonly AdditionShape[];
  readonly evidence: readonly EvidenceShape[];
}

interface Key {
  readonly pk: string;
  readonly fields: ReadonlyMap<string, string> | undefined;
}

/** Reads the content that pageContent writes. @throws FlowError `PAGE_INVALID` */
export function readPageContent(content: Uint8Array): DeltaColumns {
  const reader = new ByteReader(content);
  const rowCount = reader.below(Math.min(maxPageRows, reader.remaining) + 1, 'a number of rows');
  const base = reader.number();
  const series = Array.from({ length: reader.below(maxPageSeries, 'a number of series') }, () => readSeries(reader));
  const shapes = readShapes(reader, series);
  const samples = readSamples(reader);
  const builder = new ColumnsBuilder(series, samples);

  const each = <T>(read: (row: number) => T): T[] => Array.from({ length: rowCount }, (_, row) => read(row));
  const kinds = each(() => reader.below(64, 'a kind of row'));
  const has = (row: number, flag: number) => (kinds[row]! & flag) !== 0;
  const keys = readKeys(reader, kinds);
  const parts = each((row) => (has(row, rowFlags.hasPart) ? reader.below(2 ** 32, 'a part') : 0));
  const overflowPairs = each((row) => (has(row, rowFlags.hasOverflow) ? reader.number() : 0));
  const bytes = each((row) => (has(row, rowFlags.hasTotals) ? reader.quantity() : 0));
  const rejects = each((row) => (has(row, rowFlags.hasTotals) ? reader.number() : 0));
  const lastSeen = each(() => base - reader.number());
  const firstSeen = each((row) => lastSeen[row]! - reader.signed());
  const rowShapes = each(() => {
    const shape = shapes[reader.below(shapes.length, 'a shape')]!;
    reader.expand(shape.additions.length + shape.evidence.length);
    return shape;
  });
  const additionsWith = (form: number) =>
    rowShapes.flatMap(({ additions }) => additions.filter((addition) => addition.form === form));
  const amounts = additionsWith(forms.amount).map(() => reader.quantity());
  const values = additionsWith(forms.values).map(() => {
    return Array.from({ length: reader.count('values') }, () => reader.text());
  });
  const entries = rowShapes.flatMap(({ evidence }) => evidence.filter(({ isRepeated }) => !isRepeated));
  const flows = entries.map(() => reader.number());
  const sampleCounts = entries.map(() => reader.below(maxSamples + 1, 'a number of samples'));
  const references = new ReferenceReader(reader, samples);
  const sampleNumbers = sampleCounts.map((count) => Array.from({ length: count }, () => references.number()));
  if (reader.remaining > 0) throw reader.invalid(`${reader.remaining} further bytes`, 'the end');

  let [amount, value, entry] = [0, 0, 0];
  for (let row = 0; row < rowCount; row += 1) {
    const totals = has(row, rowFlags.hasTotals) ? { bytes: bytes[row]!, rejects: rejects[row]! } : undefined;
    const { pk, fields } = keys[row]!;
    builder.addNamedRow(pk, fields, {
      part: parts[row]!,
      totals,
      firstSeen: firstSeen[row]!,
      lastSeen: lastSeen[row]!,
      overflowPairs: overflowPairs[row]!,
    });
    const shape = rowShapes[row]!;
    for (const { series: number, slotsBefore, form } of shape.additions) {
      const slot = slotOf(lastSeen[row]!, series[number]!.slotSeconds) - slotsBefore;
      if (form === forms.values) builder.addValues(number, slot, values[value++]!);
      else if (form === forms.amount) builder.addAmount(number, slot, amounts[amount++]!);
      else builder.addAmount(number, slot, amountOf(form, bytes[row]!, rejects[row]!));
    }
    if (has(row, rowFlags.repeatsEvidence)) {
      reader.expand(builder.repeatEvidence());
      continue;
    }
    for (const { series: number, flags, isRepeated } of shape.evidence) {
      if (!isRepeated) entry += 1;
      builder.addEntry(number, flows[entry - 1]!, flags, sampleNumbers[entry - 1]!);
    }
  }
  return builder.columns();
}

function readSeries(reader: ByteReader): SeriesDefinition {
  const id = reader.text();
  const slotSeconds = reader.number();
  if (slotSeconds === 0) throw reader.invalid('slots of 0 s', 'at least 1 s');
  const kind = measureKinds[reader.below(measureKinds.length, 'a kind of series')]!;
  return { id, slotSeconds, kind, cap: kind === 'distinct' ? reader.number() : 0 };
}

function amountOf(form: number, bytes: Quantity, rejects: number): Quantity {
  return form === forms.bytes ? bytes : form === forms.one ? 1 : rejects;
}

function readShapes(reader: ByteReader, series: readonly SeriesDefinition[]): Shape[] {
  const seriesCount = series.length;
  return Array.from({ length: reader.count('shapes') }, () => {
    const codes = Array.from({ length: reader.count('codes') }, () => reader.number());
    const [count = 0, ...rest] = codes;
    if (count > rest.length || (rest.length > 0 && seriesCount === 0))
      throw reader.invalid('a short shape', 'its codes');
    return {
      additions: rest.slice(0, count).map((code) => {
        const shape = additionShape(code, seriesCount);
        if ((series[shape.series]!.kind === 'distinct') !== (shape.form === forms.values)) {
          throw reader.invalid('values without a set', 'values of a series that counts distinct values');
        }
        return shape;
      }),
      evidence: rest.slice(count).map((code, index) => {
        const shape = evidenceShape(code, seriesCount);
        if (shape.flags >= 2 ** flagBits || (index === 0 && shape.isRepeated)) {
          throw reader.invalid('invalid evidence', 'known flags');
        }
        return shape;
      }),
    };
  });
}

function readKeys(reader: ByteReader, kinds: readonly number[]): Key[] {
  const kindOf = (kind: number) => kind & keyKindMask;
  const pairs = kinds.map((kind) => (kindOf(kind) === keyKinds.ipv4Pair ? ipv4PairOf(reader.raw(8)) : undefined));
  const others = kinds.filter((kind) => kindOf(kind) !== keyKinds.ipv4Pair);
  const sharedLengths = others.map(() => reader.number());
  const suffixLengths = others.map(() => reader.number());
  let previous = '';
  const texts = others.map((_, index) => {
    const shared = sharedLengths[index]!;
    if (shared > previous.length) throw reader.invalid(`${shared} shared characters`, `at most ${previous.length}`);
    reader.expand(shared);
    previous = previous.slice(0, shared) + reader.textOf(suffixLengths[index]!);
    return previous;
  });
  let other = 0;
  return kinds.map((kind, row) => {
    if (pairs[row] !== undefined) return { pk: pairs[row], fields: undefined };
    const pk = texts[other++]!;
    if (kindOf(kind) === keyKinds.full) return { pk, fields: readFields(reader) };
    if (kindOf(kind) !== keyKinds.text || !keyOfText(pk)) {
      throw reader.invalid(`the key ${JSON.stringify(pk.slice(0, 100))}`, 'a key that names its fields');
    }
    return { pk, fields: undefined };
  });
}

function readFields(reader: ByteReader): ReadonlyMap<string, string> {
  return new Map(Array.from({ length: reader.count('fields') }, () => [reader.text(), reader.text()]));
}
