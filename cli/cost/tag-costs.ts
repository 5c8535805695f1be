import { assumed } from './assumptions.ts';
import { type BillBasis, billOf } from './bill.ts';
import type { Traffic } from './measured-traffic.ts';

/** What the setting `tagFields` adds to the bill. */
export interface TagCost {
  readonly fields: number;
  /** The bytes that the fields add to a record, as assumed. */
  readonly bytesPerRecord: number;
  /** US dollars a month. */
  readonly usd: number;
}

/**
 * Returns traffic whose records have tag fields too. In the lake they are as compressible as the other fields.
 *
 * @param fields the number of tag fields
 */
export function trafficWithTags(traffic: Traffic, fields = 0): Traffic {
  if (fields === 0) return traffic;
  const decodedBytes = traffic.decodedBytes + fields * (assumed.tagFieldBytes + assumed.tagMemberBytes);
  return {
    ...traffic,
    payloadBytes: traffic.payloadBytes + fields * assumed.tagFieldBytes,
    decodedBytes,
    storedBytes: (traffic.storedBytes * decodedBytes) / traffic.decodedBytes,
  };
}

/**
 * Returns what the tag fields of a usage add to the bill; undefined without any.
 *
 * @param withoutTags the traffic without the fields
 */
export function tagCostOf(...[usage, withoutTags, machine, prices]: BillBasis): TagCost | undefined {
  const { tagFields: fields } = usage;
  if (fields === undefined) return undefined;
  const usdOf = (traffic: Traffic) => billOf(usage, traffic, machine, prices).usd;
  const usd = usdOf(trafficWithTags(withoutTags, fields)) - usdOf(withoutTags);
  return { fields, bytesPerRecord: fields * assumed.tagFieldBytes, usd };
}
