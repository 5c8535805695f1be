import type { Instances } from './describe-answers.ts';
import { readAddresses, readInstances } from './describe-answers.ts';
import type { KnownAddress } from './known-interface.ts';
import { foundEntry, type MissingReason, missingEntry, type NameEntry } from './name-entry.ts';
import { isVpcId, type NameKey, nameKeyText } from './name-key.ts';

/**
 * The result of one call: the answer in the form of the AWS CLI, or the reason why EC2 gave no answer. `isComplete` is true if
 * the answer has no further page.
 */
export type Answer = { readonly answer: unknown; readonly isComplete: boolean } | { readonly refused: MissingReason };

/** The calls of EC2, one attempt each. They never reject. */
export interface Describe {
  interfaces(ids: readonly string[]): Promise<Answer>;
  /** Interfaces of the VPCs that have one of the addresses, all of one family. */
  holders(addresses: readonly string[], family: 'ipv4' | 'ipv6', vpcs: readonly string[]): Promise<Answer>;
  instances(ids: readonly string[]): Promise<Answer>;
}

/** Interfaces of one call, or why a key that is not among them is missing. */
interface Described {
  readonly answers: readonly unknown[];
  readonly absent: MissingReason;
}

/**
 * Looks keys up: at most one call for interfaces, one for IPv4 and one for IPv6 addresses, and one for the instances that
 * they name. Returns the entry of each key, by its text.
 *
 * @param stored the present entries, by the text of their keys
 * @param time epoch seconds
 */
export async function lookUpNames(
  keys: readonly NameKey[],
  stored: ReadonlyMap<string, NameEntry>,
  describe: Describe,
  time: number,
): Promise<Map<string, NameEntry>> {
  const ids = new Set(keys.map((key) => ('interface' in key ? key.interface : key.place)).filter((id) => !isVpcId(id)));
  const ofIds = ids.size === 0 ? nothing : describedOf(await describe.interfaces([...ids]));
  const placed = keys.flatMap((key) => ('address' in key ? { ...key, vpc: vpcOf(key.place, ofIds) } : []));
  const holdersOf = async (family: 'ipv4' | 'ipv6') => {
    const wanted = placed.flatMap(({ address, vpc }) =>
      vpc !== undefined && familyOf(address) === family ? { address, vpc } : [],
    );
    if (wanted.length === 0) return nothing;
    const [addresses, vpcs] = [wanted.map(({ address }) => address), wanted.map(({ vpc }) => vpc)];
    return describedOf(await describe.holders([...new Set(addresses)], family, [...new Set(vpcs)]));
  };
  const [ofIpv4, ofIpv6] = await Promise.all([holdersOf('ipv4'), holdersOf('ipv6')]);
  const answers = [ofIds, ofIpv4, ofIpv6].flatMap((described) => described.answers);
  const addressesOf = (all: readonly unknown[], instances: Instances) =>
    all.flatMap((answer) => readAddresses(answer, instances, time));
  const instanceIds = addressesOf(answers, new Map()).flatMap(({ kind, id }) => (kind === 'instance' && id ? id : []));
  const ofInstances =
    instanceIds.length === 0 ? nothing : describedOf(await describe.instances([...new Set(instanceIds)]));
  const instances = new Map(ofInstances.answers.flatMap((answer) => [...readInstances(answer)]));
  const entryOf = (key: NameKey, found: readonly KnownAddress[], absent: MissingReason): NameEntry => {
    const former = stored.get(nameKeyText(key));
    const [first] = found;
    if (!first) return missingEntry(former, { reason: absent, time });
    const isNamed = first.kind !== 'instance' || ofInstances.answers.length > 0;
    return foundEntry(former, found, time, isNamed ? undefined : { reason: ofInstances.absent, time });
  };
  const entries = keys.map((key): [string, NameEntry] => {
    const text = nameKeyText(key);
    if ('interface' in key) {
      const found = addressesOf(ofIds.answers, instances).filter((one) => one.interface === key.interface);
      return [text, entryOf(key, found, ofIds.absent)];
    }
    const described = familyOf(key.address) === 'ipv4' ? ofIpv4 : ofIpv6;
    const vpc = vpcOf(key.place, ofIds);
    if (vpc === undefined) return [text, entryOf(key, [], ofIds.absent)];
    const found = addressesOf(described.answers, instances).filter(
      (one) => one.address === key.address && one.vpc === vpc,
    );
    return [text, entryOf(key, found, described.absent)];
  });
  return new Map(entries);
}

const nothing: Described = { answers: [], absent: 'not found' };

function describedOf(result: Answer): Described {
  if ('refused' in result) return { answers: [], absent: result.refused };
  return { answers: [result.answer], absent: result.isComplete ? 'not found' : 'failed' };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** Returns the VPC of a place: of an interface, that in its description. */
function vpcOf(place: string, { answers }: Described): string | undefined {
  if (isVpcId(place)) return place;
  const all = answers.flatMap((answer) => readAddresses(answer, new Map(), undefined));
  return all.find((one) => one.interface === place)?.vpc;
}
