import { endOfDay } from '../common/calendar.ts';
import { parseNetwork } from './ip-address.ts';

/** One network of a named list. */
export interface NetworkEntry {
  /** In CIDR notation, or one address, as its author wrote it. */
  readonly network: string;
  /** What kind of network it is, in a word or two. */
  readonly label?: string;
  /** Why it is on the list. */
  readonly reason?: string;
  /** The first second at which it no longer holds, in epoch seconds; without one it holds for ever. */
  readonly expires?: number;
}

/** An entry as people write it, each part a text; an empty one is none. */
export interface WrittenEntry {
  readonly network: string;
  readonly label?: string | undefined;
  readonly reason?: string | undefined;
  /** The last day on which it holds, in UTC, such as `2026-12-31`. */
  readonly expires?: string | undefined;
}

/**
 * An entry as a rule set holds it: the network alone, or also label and reason, empty where there is none, and the
 * first second at which it no longer holds, 0 where it holds for ever.
 */
export type PackedEntry = string | readonly [network: string, label: string, reason: string, expires: number];

/** Labels and reasons go into alerts: as long as a rule's own texts. */
const maxLabelLength = 100;
const maxReasonLength = 500;

/** Checks an entry as people write it. */
export function checkedEntry(written: WrittenEntry): NetworkEntry | { readonly problem: string } {
  const { label = '', reason = '', expires = '' } = written;
  const network = parseNetwork(written.network);
  if ('problem' in network) return network;
  if (label.length > maxLabelLength)
    return { problem: `the label has ${label.length} characters, at most ${maxLabelLength}` };
  if (reason.length > maxReasonLength)
    return { problem: `the reason has ${reason.length} characters, at most ${maxReasonLength}` };
  const end = expires === '' ? 0 : endOfDay(expires);
  if (end === undefined)
    return { problem: `expires must be a day such as 2026-12-31, got ${JSON.stringify(expires.slice(0, 40))}` };
  return unpacked([written.network, label, reason, end]);
}

export function packed({ network, label = '', reason = '', expires = 0 }: NetworkEntry): PackedEntry {
  return label === '' && reason === '' && expires === 0 ? network : [network, label, reason, expires];
}

export function unpacked(entry: PackedEntry): NetworkEntry {
  if (typeof entry === 'string') return { network: entry };
  const [network, label, reason, expires] = entry;
  return {
    network,
    ...(label !== '' && { label }),
    ...(reason !== '' && { reason }),
    ...(expires !== 0 && { expires }),
  };
}
