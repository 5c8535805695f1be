import { endOfDay } from '../common/calendar.ts';
import { parseNetwork } from './ip-address.ts';

/** A network of a named list. */
export interface NetworkEntry {
  /** CIDR notation or one address, in its author's spelling. */
  readonly network: string;
  /** The kind of the network, in a word or two. */
  readonly label?: string;
  /** Why the network is on the list. */
  readonly reason?: string;
  /** The first second after the entry's last, in epoch seconds; without it, the entry never expires. */
  readonly expires?: number;
}

/** An entry before its check, in texts; an empty text is a missing one. */
export interface WrittenEntry {
  readonly network: string;
  readonly label?: string | undefined;
  readonly reason?: string | undefined;
  /** The last day of the entry, in UTC, such as `2026-12-31`. */
  readonly expires?: string | undefined;
}

/**
 * An entry in a compiled rule set: its network, or all four values. A missing label or reason is empty; `expires` is 0
 * if the entry never expires.
 */
export type PackedEntry = string | readonly [network: string, label: string, reason: string, expires: number];

/** Alerts show labels and reasons, so their limits are those of a rule's texts. */
const maxLabelLength = 100;
const maxReasonLength = 500;

/** Checks a written entry; returns the entry, or its first problem. */
export function checkEntry(written: WrittenEntry): NetworkEntry | { readonly problem: string } {
  const { label = '', reason = '', expires = '' } = written;
  const network = parseNetwork(written.network);
  if ('problem' in network) return network;
  if (label.length > maxLabelLength)
    return { problem: `the label has ${label.length} characters, expected at most ${maxLabelLength}` };
  if (reason.length > maxReasonLength)
    return { problem: `the reason has ${reason.length} characters, expected at most ${maxReasonLength}` };
  const end = expires === '' ? 0 : endOfDay(expires);
  if (end === undefined)
    return {
      problem: `expires is invalid: got ${JSON.stringify(expires.slice(0, 40))}, expected a day like 2026-12-31`,
    };
  return unpackEntry([written.network, label, reason, end]);
}

/** Packs an entry for a compiled rule set. */
export function packEntry({ network, label = '', reason = '', expires = 0 }: NetworkEntry): PackedEntry {
  return label === '' && reason === '' && expires === 0 ? network : [network, label, reason, expires];
}

/** Unpacks an entry of a compiled rule set. */
export function unpackEntry(entry: PackedEntry): NetworkEntry {
  if (typeof entry === 'string') return { network: entry };
  const [network, label, reason, expires] = entry;
  return {
    network,
    ...(label !== '' && { label }),
    ...(reason !== '' && { reason }),
    ...(expires !== 0 && { expires }),
  };
}
