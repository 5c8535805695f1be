import { defined } from '../common/defined.ts';
import { printable, truncate } from '../common/text.ts';
import type { FormerHolder, KnownAddress, KnownInterface } from './known-interface.ts';

/** Why a look-up gave no name: nobody has the key, or EC2 did not answer. */
export type MissingReason = 'not found' | 'denied' | 'throttled' | 'failed';

/** A look-up without a name. */
export interface Missing {
  readonly reason: MissingReason;
  /** Epoch seconds. */
  readonly time: number;
}

/** What the look-ups of one key have found so far. */
export interface NameEntry {
  /** Who had the key at the last look-up with an answer, and `time`, when that was. */
  readonly holder?: KnownInterface & { readonly time: number };
  /** The address of the key; of an interface, its first addresses. */
  readonly addresses: readonly Pick<KnownAddress, 'address' | 'isShared'>[];
  /** Who had the key before the holder. */
  readonly before?: FormerHolder;
  /** The first look-up with the holder, in epoch seconds, if another one had the key before. */
  readonly seenSince?: number;
  /** The first look-up after which nobody had the key, in epoch seconds. */
  readonly goneAt?: number;
  /** The last look-up, if it gave no name, or not all of it. */
  readonly missing?: Missing;
}

/** For how long an answer is fresh, and when a look-up without an answer may be repeated, in seconds. */
const freshSeconds = 3600;
export const repeatSeconds = 600;

/** Returns whether a key may be looked up. @param now epoch seconds */
export function isDue(entry: NameEntry | undefined, now: number): boolean {
  const { holder, missing } = entry ?? {};
  if (missing && missing.time >= (holder?.time ?? 0)) return now - missing.time >= repeatSeconds;
  return !holder || now - holder.time >= freshSeconds;
}

/** Returns whether the key may have another holder by now. @param now epoch seconds */
export function isOld(entry: NameEntry | undefined, now: number): boolean {
  return entry?.holder !== undefined && now - entry.holder.time >= freshSeconds;
}

/**
 * Returns an entry after a look-up that found a holder.
 *
 * @param found the addresses of one interface, at least one
 * @param missing set if EC2 did not say everything: then a former answer about the same holder stays
 */
export function foundEntry(
  former: NameEntry | undefined,
  found: readonly KnownAddress[],
  time: number,
  missing?: Missing,
): NameEntry {
  const { address: _address, isShared: _isShared, ...first } = found[0]!;
  const holder = { ...boundedInterface(first), time };
  const addresses = found.slice(0, maxAddresses).map(({ address, isShared }) => ({ address, isShared }));
  const isSame = former?.holder?.interface === holder.interface && former.holder.id === holder.id;
  if (missing && isSame) return { ...former!, missing };
  const history = isSame
    ? { before: former?.before, seenSince: former?.seenSince }
    : former?.holder && { before: formerHolder(former.holder), seenSince: time };
  return defined({ holder, addresses, ...history, missing });
}

/** Returns an entry after a look-up without an answer. It keeps the former answer. */
export function missingEntry(former: NameEntry | undefined, missing: Missing): NameEntry {
  const { goneAt } = former ?? {};
  const isGone = missing.reason === 'not found' && former?.holder !== undefined;
  return defined({ addresses: [], ...former, goneAt: isGone ? (goneAt ?? missing.time) : goneAt, missing });
}

function formerHolder({ time, ...holder }: NonNullable<NameEntry['holder']>): FormerHolder {
  const { interface: id, kind, name, owner } = holder;
  return defined({ interface: id, kind, id: holder.id, name, owner, until: time });
}

/**
 * The most characters of tags and of ids, and the most groups and addresses: with them, an item is below 4 KB also if each
 * character has three bytes or is escaped. A read unit is 4 KB. Alerts show no more of a tag.
 */
const maxTagLength = 64;
const maxIdLength = 32;
const maxGroups = 5;
const maxAddresses = 8;

/** Anyone in the account writes tags and names of groups, so they are stored printable and short. */
function boundedInterface({ groups, ...texts }: KnownInterface): KnownInterface {
  const limits: Readonly<Record<string, number>> = { name: maxTagLength, owner: maxTagLength };
  const entries = Object.entries(texts).map(([field, value]: [string, unknown]) => [
    field,
    typeof value === 'string' ? boundedText(value, limits[field] ?? maxIdLength) : value,
  ]);
  const bounded = Object.fromEntries(entries) as Omit<KnownInterface, 'groups'>;
  return { ...bounded, groups: groups.slice(0, maxGroups).map((group) => boundedText(group, maxTagLength)) };
}

function boundedText(text: string, length: number): string {
  return truncate(printable(text), length);
}
