import type { Quantity } from '../../lambda/common/quantity.ts';
import { scopeName } from '../../lambda/common/text.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';

/**
 * Counter of a pair of addresses; times are epoch seconds. `firstSeen` is infinite if no flow of the pair has a time, and
 * `lastSeen` is then invalid.
 */
export interface PairCounter {
  readonly src: string;
  readonly dst: string;
  /** The account, and the VPC, of the flows; absent unless the setting `scope` keeps networks apart. */
  readonly scope?: KeyScope;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** Orders pairs by their bytes, then by their rejects, then by their addresses. */
export function busiestFirst(a: PairCounter, b: PairCounter): number {
  if (a.bytes !== b.bytes) return a.bytes > b.bytes ? -1 : 1;
  if (a.rejects !== b.rejects) return b.rejects - a.rejects;
  return byName(a, b);
}

/** Orders pairs by their rejects, then by their bytes, then by their addresses. */
export function mostRejectedFirst(a: PairCounter, b: PairCounter): number {
  return b.rejects - a.rejects || busiestFirst(a, b);
}

/** Writes a pair as JSON with all digits, and null for unknown times: as JSON.stringify, in a fifth of the time. */
export function pairJson({ src, dst, scope, bytes, rejects, firstSeen, lastSeen }: PairCounter): string {
  const ofScope = scope ? `,"scope":${JSON.stringify(scope)}` : '';
  const names = `"src":${quoted(src)},"dst":${quoted(dst)}${ofScope}`;
  const times = firstSeen === Number.POSITIVE_INFINITY ? [null, null] : [firstSeen, lastSeen];
  return `{${names},"bytes":${bytes},"rejects":${rejects},"firstSeen":${times[0]},"lastSeen":${times[1]}}`;
}

const needsNoEscape = /^[\w.:]*$/;

function quoted(text: string): string {
  return needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
}

function byName(a: PairCounter, b: PairCounter): number {
  if (a.src !== b.src) return a.src < b.src ? -1 : 1;
  if (a.dst !== b.dst) return a.dst < b.dst ? -1 : 1;
  const [one, other] = [a, b].map(({ scope }) => (scope ? scopeName(scope) : ''));
  return one! < other! ? -1 : one! > other! ? 1 : 0;
}
