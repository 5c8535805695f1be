import type { Batch } from '../counters/batch.ts';
import type { Scope } from '../flow-log/scope.ts';
import { type Item, numberAttribute, numberOf } from './counter-item.ts';
import type { Counting } from './counter-store.ts';
import type { CounterTable, UpdateParameters } from './counter-update.ts';
import { ExpressionBuilder } from './expression-builder.ts';
import type { RefusedGrant } from './refused-pair-budget.ts';

const prefix = 'batch#';

/** Returns the key of a batch's marker. */
export function markerKey(dedupToken: string): Item {
  return { pk: { S: `${prefix}${dedupToken}` } };
}

/** Returns the dedup token of the batch that a marker belongs to. */
export function tokenOfMarker({ pk }: Item): string {
  return pk && 'S' in pk ? pk.S.slice(prefix.length) : '';
}

/**
 * Builds the update that counts the start of an attempt. It stores how the first attempt counts, and its scope, which all
 * attempts keep to. It fails if the marker is that of another batch with the same token. For a batch by pages it also fails
 * if an attempt of a former version, which stored no way to count, has started: that one counted directly.
 *
 * A marker is stored as long as the counters of its batch: a batch that was given up may be reprocessed until then.
 */
export function startedUpdate(
  batch: Batch,
  wanted: Counting,
  { tableName, retentionSeconds }: CounterTable,
): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, add, require } = expression;
  const attempts = name('attempts');
  add(`${attempts} ${value(numberAttribute(1))}`);
  if (batch.scope !== undefined) {
    // If an attempt without a scope was first, the attribute gets a number: scopeOfMarker reads no scope from it.
    const scope = name('scope');
    set(`${scope} = if_not_exists(${scope}, if_not_exists(${attempts}, ${value({ S: batch.scope })}))`);
  }
  set(`${name('expiresAt')} = ${value(numberAttribute(batch.arrival + retentionSeconds))}`);
  requireOwnMarker(batch, expression);
  const lanes = name('lanes');
  set(`${lanes} = if_not_exists(${lanes}, ${value(numberAttribute(wanted === 'direct' ? 0 : wanted.lanes))})`);
  if (wanted !== 'direct') {
    const firstAttempt = name('firstAttempt');
    set(`${firstAttempt} = if_not_exists(${firstAttempt}, ${value(numberAttribute(wanted.firstAttempt))})`);
    require(`(attribute_not_exists(${attempts}) OR attribute_exists(${lanes}))`);
  }
  return markerUpdate(batch, expression, tableName);
}

/** Returns how the first attempt of a batch counts. */
export function countingOf({ lanes, firstAttempt }: Item): Counting {
  const count = numberOf(lanes) ?? 0;
  return count === 0 ? 'direct' : { lanes: count, firstAttempt: numberOf(firstAttempt) ?? 0 };
}

/**
 * Builds the update that stores how many refused pairs a batch counts exactly, unless an attempt has stored a grant. It
 * fails if the marker is that of another batch with the same token.
 */
export function grantUpdate(
  batch: Batch,
  { granted, networks }: RefusedGrant,
  { tableName, retentionSeconds }: CounterTable,
): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set } = expression;
  const [stored, ofNetworks, expiresAt] = [name('granted'), name('networks'), name('expiresAt')];
  set(`${stored} = if_not_exists(${stored}, ${value(numberAttribute(granted))})`);
  set(`${ofNetworks} = if_not_exists(${ofNetworks}, ${value({ S: networks })})`);
  set(`${expiresAt} = if_not_exists(${expiresAt}, ${value(numberAttribute(batch.arrival + retentionSeconds))})`);
  requireOwnMarker(batch, expression);
  return markerUpdate(batch, expression, tableName);
}

/** Lets an update write the marker's check, and fail if the marker is that of another batch with the same token. */
function requireOwnMarker(batch: Batch, { name, value, set, require }: ExpressionBuilder): void {
  const [check, own] = [name('check'), value(checkOf(batch))];
  set(`${check} = ${own}`);
  require(`(attribute_not_exists(${check}) OR ${check} = ${own})`);
}

/**
 * Builds the update that marks a batch as completely counted, with the number of attempts started by then. It fails if the
 * batch is marked already.
 *
 * @param isSure whether every request of this attempt succeeded without a retry; otherwise one may still be in flight
 */
export function completedUpdate(batch: Batch, isSure: boolean, tableName: string): UpdateParameters {
  const expression = new ExpressionBuilder();
  const { name, value, set, require } = expression;
  const [attempts, completed] = [name('attempts'), name('completed')];
  set(`${completed} = ${attempts} + ${value(numberAttribute(isSure ? 0 : 1))}`);
  require(`attribute_exists(${attempts}) AND attribute_not_exists(${completed})`);
  return markerUpdate(batch, expression, tableName);
}

function markerUpdate({ dedupToken }: Batch, expression: ExpressionBuilder, tableName: string): UpdateParameters {
  return {
    TableName: tableName,
    Key: markerKey(dedupToken),
    ...expression.parameters(),
    ReturnValues: 'ALL_NEW',
  };
}

/** Returns the grant in a marker; undefined without one. */
export function grantOf({ granted, networks }: Item): RefusedGrant | undefined {
  const pairs = numberOf(granted);
  if (pairs === undefined || !networks || !('S' in networks)) return undefined;
  return { granted: pairs, networks: networks.S };
}

/** Returns whether a marker is that of the batch, and not of another batch with the same token. */
export function isMarkerOf({ check: stored }: Item, batch: Batch): boolean {
  return stored !== undefined && 'S' in stored && stored.S === checkOf(batch).S;
}

function checkOf({ check = '-' }: Batch): { readonly S: string } {
  return { S: check };
}

/** Returns the scope of the batch's first attempt; undefined without one. */
export function scopeOfMarker({ scope }: Item): Scope | undefined {
  return scope && 'S' in scope ? (scope.S as Scope) : undefined;
}

/** Returns the number of attempts that have started; undefined if the marker is invalid. */
export function attemptsOf({ attempts }: Item): number | undefined {
  return numberOf(attempts);
}

/** Returns the number of attempts that had started at completion; undefined if the batch is not completely counted. */
export function attemptsAtCompletion(marker: Item | undefined): number | undefined {
  return numberOf(marker?.completed);
}
