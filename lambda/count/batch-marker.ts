import type { Batch } from '../counters/batch.ts';
import type { Attribute, Item } from './counter-item.ts';
import type { UpdateParameters } from './counter-update.ts';
import { ExpressionBuilder } from './expression-builder.ts';

/**
 * For how long it is noted that a batch was counted in whole, in seconds after its arrival: much longer than it may come
 * again, since items may have forgotten it by then.
 */
const markerSeconds = 86_400;

const prefix = 'batch#';

/** Where a batch is noted. */
export function markerKey(token: string): Item {
  return { pk: { S: `${prefix}${token}` } };
}

/** The token of the batch that an item notes. */
export function tokenOfMarker({ pk }: Item): string {
  return pk && 'S' in pk ? pk.S.slice(prefix.length) : '';
}

/** The update that notes that a try of a batch begins; it fails where the note is another batch's with the same token. */
export function startedUpdate(batch: Batch, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, add, require } = expression;
  const check = name('check');
  const checkValue = value({ S: batch.check ?? '-' });
  add(`${name('attempts')} ${value(number(1))}`);
  set(`${check} = ${checkValue}`);
  set(`${name('expiresAt')} = ${value(number(batch.arrival + markerSeconds))}`);
  require(`(attribute_not_exists(${check}) OR ${check} = ${checkValue})`);
  return {
    TableName: tableName,
    Key: markerKey(batch.dedupToken),
    ...expression.parameters(),
    ReturnValues: 'ALL_NEW',
  };
}

/**
 * The update that notes that a batch was counted in whole, and how many tries had begun by then. It fails where that is
 * noted already.
 *
 * @param isSure whether each request of this try was answered at the first attempt; else one may be under way still
 */
export function completedUpdate(batch: Batch, isSure: boolean, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const [attempts, completed] = [name('attempts'), name('completed')];
  set(`${completed} = ${attempts} + ${value(number(isSure ? 0 : 1))}`);
  require(`attribute_exists(${attempts}) AND attribute_not_exists(${completed})`);
  return {
    TableName: tableName,
    Key: markerKey(batch.dedupToken),
    ...expression.parameters(),
    ReturnValues: 'ALL_NEW',
  };
}

/** How many tries of a batch had begun when it was counted in whole; undefined while it was not. */
export function attemptsAtCompletion(marker: Item | undefined): number | undefined {
  return marker?.completed && 'N' in marker.completed ? Number(marker.completed.N) : undefined;
}

function number(value: number): Attribute {
  return { N: String(value) };
}
