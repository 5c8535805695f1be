import { isInAnyNetwork, type Network } from '../networks/ip-address.ts';
import { CodeMemo, noCode } from './dictionary.ts';
import { type FlowColumns, noNumber } from './flow-columns.ts';

/** What a flow is for its pair: see contributionOf and isDuplicateObservation. */
export const contribution = {
  /** Its action, its bytes or an endpoint is not available. */
  none: 0,
  /** It adds its bytes. */
  bytes: 1,
  /** It adds one reject. */
  reject: 2,
  /** It is a duplicate observation. */
  duplicate: 3,
} as const;

/**
 * Returns what each flow is for its pair, by row: the fast path of flow-log/contribution.ts, with the same results.
 */
export function contributionColumn(columns: FlowColumns, monitoredNetworks: readonly Network[]): Uint8Array {
  const { dictionary } = columns;
  const [accept, reject] = [dictionary.codeOfText('ACCEPT'), dictionary.codeOfText('REJECT')];
  const actions = columns.codes('action');
  const bytes = columns.numbers('bytes').values;
  const sources = columns.endpoints('srcaddr');
  const destinations = columns.endpoints('dstaddr');
  const isDuplicate = duplicateTest(columns, monitoredNetworks);
  const contributions = new Uint8Array(columns.length);
  for (let row = 0; row < contributions.length; row += 1) {
    const hasPair = sources[row] !== noCode && destinations[row] !== noCode;
    if (actions[row] === reject) contributions[row] = hasPair ? contribution.reject : contribution.none;
    else if (actions[row] !== accept) contributions[row] = contribution.none;
    else if (isDuplicate(row)) contributions[row] = contribution.duplicate;
    else contributions[row] = hasPair && bytes[row] !== noNumber ? contribution.bytes : contribution.none;
  }
  return contributions;
}

/** Returns whether a flow in the contributions is part of its pair's bytes or rejects. */
export function isPartOfPair(value: number): boolean {
  return value === contribution.bytes || value === contribution.reject;
}

/** Makes a test whether the accepted flow in a row is a duplicate observation: see isDuplicateObservation. */
function duplicateTest(columns: FlowColumns, monitoredNetworks: readonly Network[]): (row: number) => boolean {
  const { dictionary } = columns;
  const directions = columns.codes('flow-direction');
  const [ingress, egress] = [dictionary.codeOfText('ingress'), dictionary.codeOfText('egress')];
  if (monitoredNetworks.length === 0 || !directions.some((code) => code !== noCode)) return () => false;
  const sources = columns.endpoints('srcaddr');
  const destinations = columns.endpoints('dstaddr');
  const senders = columns.codes('srcaddr');
  const known = new CodeMemo().of(dictionary);
  const isMonitored = (code: number) => {
    if (code === noCode) return false;
    if (known[code]! < 0) known[code] = isInAnyNetwork(dictionary.textOf(code)!, monitoredNetworks) ? 1 : 0;
    return known[code] === 1;
  };
  return (row) => {
    const source = sources[row]!;
    if (directions[row] === ingress) return isMonitored(source);
    if (directions[row] !== egress) return false;
    const isForwarded = senders[row] !== noCode && senders[row] !== source;
    return isForwarded && !isMonitored(source) && isMonitored(destinations[row]!);
  };
}
