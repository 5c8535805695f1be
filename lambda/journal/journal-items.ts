import { FlowError } from '../common/errors.ts';
import { type Item, numberAttribute, numberOf } from '../count/counter-item.ts';
import {
  chunkRetentionSeconds,
  type FreezeId,
  type LaneState,
  newLane,
  type Page,
  pageRetentionSeconds,
  type TakenPages,
  takenRetentionSeconds,
} from './journal.ts';
import { allParts, type Lane, laneName } from './lane.ts';

/** The version of the items of a lane's state and of what freezes took. Pages and chunks have their own: see page.ts. */
export const itemVersion = 1;

/** A key of the journal's table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** The partitions of a lane: its pages, its state, what freezes took, and frozen chunks. */
export const pagesPartition = (lane: Lane): string => `pages#${laneName(lane)}`;
export const takenPartition = (lane: Lane): string => `taken#${laneName(lane)}`;

/** The item of the sets of lanes in use. */
export const laneSetsKey: ItemKey = { pk: 'lanes', sk: 'sets' };

/** Returns the key of a lane's state. */
export function stateKey(lane: Lane): ItemKey {
  return { pk: `lane#${laneName(lane)}`, sk: 'state' };
}

/** Returns the key of a frozen chunk. */
export function chunkKey(lane: Lane, freeze: FreezeId, index: number): ItemKey {
  return { pk: `chunks#${laneName(lane)}`, sk: `${freezeText(freeze)}#${String(index).padStart(4, '0')}` };
}

/** Returns the key of the refusals of a key of a chunk. */
export function refusalKey(lane: Lane, freeze: FreezeId, index: number, pk: string): ItemKey {
  const { sk } = chunkKey(lane, freeze, index);
  return { pk: `refused#${laneName(lane)}`, sk: `${sk}#${pk.slice(0, maxKeyCharacters)}` };
}

/** A sort key has at most 1,024 bytes (DynamoDB Developer Guide, "Quotas"), and a character up to three. */
const maxKeyCharacters = 300;

/** Returns the sort key of what a freeze took. */
export function takenSortKey(freeze: FreezeId): string {
  return freezeText(freeze);
}

/** Returns the least sort key of the pages of a second, and one above that of all pages of a second. */
export function pageBounds(from: number, to: number): { readonly first: string; readonly last: string } {
  return { first: secondText(from), last: `${secondText(to)}~` };
}

/** Returns a key as attributes. */
export function keyItem({ pk, sk }: ItemKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** Writes a page as an item. */
export function writePage(lane: Lane, { batch, parts, putAt, firstAttempt, deltas, bytes }: Page): Item {
  const part = parts === allParts ? '' : `#${parts.toString(16)}`;
  return {
    ...keyItem({ pk: pagesPartition(lane), sk: `${secondText(putAt)}#${batch}${part}` }),
    first: numberAttribute(firstAttempt),
    n: numberAttribute(deltas),
    z: { B: bytes },
    expiresAt: numberAttribute(putAt + pageRetentionSeconds),
  };
}

/** Reads a page from its item. */
export function readPage({ sk, first, n, z }: Item): Page {
  const [second = '', batch = '', parts] = textOf(sk).split('#');
  return {
    batch,
    parts: parts === undefined ? allParts : Number.parseInt(parts, 16),
    putAt: Number(second),
    firstAttempt: numberOf(first) ?? 0,
    deltas: numberOf(n) ?? 0,
    bytes: bytesOf(z),
  };
}

/** Writes what a freeze took as an item. */
export function writeTaken(lane: Lane, { freeze, previous, until, parts }: TakenPages): Item {
  const texts = [...parts].map(([batch, some]) => (some === allParts ? batch : `${batch}:${some.toString(16)}`));
  return {
    ...keyItem({ pk: takenPartition(lane), sk: takenSortKey(freeze) }),
    version: numberAttribute(itemVersion),
    previous: { S: freezeText(previous.freeze) },
    previousUntil: numberAttribute(previous.until),
    until: numberAttribute(until),
    parts: { S: texts.join(' ') },
    expiresAt: numberAttribute(until + takenRetentionSeconds),
  };
}

/** Reads what a freeze took from its item. */
export function readTaken(item: Item): TakenPages {
  requireVersion(item);
  const { sk, previous, previousUntil, until, parts } = item;
  const texts = textOf(parts).split(' ').filter(Boolean);
  return {
    freeze: readFreeze(textOf(sk)),
    previous: { freeze: readFreeze(textOf(previous)), until: numberOf(previousUntil) ?? 0 },
    until: numberOf(until) ?? 0,
    parts: new Map(
      texts.map((text) => {
        const [batch = '', some] = text.split(':');
        return [batch, some === undefined ? allParts : Number.parseInt(some, 16)];
      }),
    ),
  };
}

/** Writes a frozen chunk as an item. @param until in epoch seconds */
export function writeChunk(lane: Lane, freeze: FreezeId, index: number, until: number, bytes: Uint8Array): Item {
  return {
    ...keyItem(chunkKey(lane, freeze, index)),
    z: { B: bytes },
    expiresAt: numberAttribute(until + chunkRetentionSeconds),
  };
}

/** Reads the state of a lane from its item. A lane without a freeze has an item with a lease only, or none. */
export function readState(item: Item | undefined): LaneState {
  if (item?.freeze === undefined) return newLane;
  requireVersion(item);
  const number = (name: string) => numberOf(item[name]) ?? 0;
  return {
    freeze: readFreeze(textOf(item.freeze)),
    phase: textOf(item.phase) === 'apply' ? 'apply' : 'open',
    until: number('until'),
    countedUntil: number('countedUntil'),
    chunks: number('chunks'),
    applied: number('applied'),
  };
}

/** @throws FlowError `PAGE_VERSION` if a later release wrote the item: this one must not guess what it means */
function requireVersion({ pk, sk, version }: Item): void {
  const got = numberOf(version) ?? itemVersion;
  if (got === itemVersion) return;
  const where = `the journal's item ${textOf(pk)} ${textOf(sk)}`;
  const remedy = 'deploy the release that wrote it, or a later one';
  throw new FlowError('PAGE_VERSION', `${where} has version ${got}, expected ${itemVersion}; ${remedy}`);
}

/** Returns the bytes of a page or a chunk. */
export function bytesOf(attribute: Item[string] | undefined): Uint8Array {
  return attribute && 'B' in attribute ? attribute.B : new Uint8Array();
}

/** Writes a freeze so that texts sort as the numbers of freezes do. */
export function freezeText({ number, attempt }: FreezeId): string {
  return `${String(number).padStart(10, '0')}#${attempt}`;
}

function readFreeze(text: string): FreezeId {
  const [number = '0', attempt = ''] = text.split('#');
  return { number: Number(number), attempt };
}

function textOf(attribute: Item[string] | undefined): string {
  return attribute && 'S' in attribute ? attribute.S : '';
}

function secondText(seconds: number): string {
  return String(Math.max(0, Math.floor(seconds))).padStart(10, '0');
}
