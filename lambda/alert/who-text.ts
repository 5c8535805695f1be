import { formatInteger, utc } from '../common/format-units.ts';
import { truncate } from '../common/text.ts';
import type { FormerHolder, KnownAddress, UnknownInterface } from '../names/known-interface.ts';
import type { EndpointNames } from './known-names.ts';

/** The most addresses in the e-mail; the JSON body has more. */
const maxShown = 4;

/** The most characters of the id of an interface: a flow log may have any text there. */
const maxIdLength = 64;

/**
 * Returns who has the addresses of an alert: `10.0.3.30 is instance web-1 (i-0a1b), owner payments`. Empty if nobody is
 * known.
 *
 * @param time when the interfaces were described, in epoch seconds; undefined if unknown. Of a source that looks names up,
 * each has its own time
 */
export function whoText(
  { interfaces = [], unknownInterfaces = [], lookups }: EndpointNames,
  window: { readonly from: number },
  time: number | undefined,
): string {
  const others = interfaces.length - maxShown;
  const texts = [
    ...interfaces
      .slice(0, maxShown)
      .map(
        (known) => `${known.address} ${known.goneAt === undefined ? 'is' : 'was'} ${holderText(known, window.from)}`,
      ),
    ...(others > 0 ? [`${formatInteger(others)} more`] : []),
    ...(lookups?.slice(0, maxShown).map(lookupText) ?? unknownTexts(unknownInterfaces)),
  ];
  if (texts.length === 0) return '';
  // Tags in the flow log are those of the flow's time.
  const isDescribed = unknownInterfaces.length > 0 || interfaces.some(({ isByTags }) => !isByTags);
  const asOf = lookups ? oldestOf(interfaces) : time;
  return `${texts.join('; ')}${asOf === undefined || !isDescribed ? '' : `. As of ${utc(asOf)} UTC`}`;
}

function oldestOf(interfaces: readonly KnownAddress[]): number | undefined {
  const times = interfaces.flatMap(({ time }) => time ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

function unknownTexts(ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${unknownText(ids)} not known then`];
}

/** What an alert says about an interface without a name, by the result of its look-up. */
const lookupTexts = {
  pending: 'not looked up yet',
  'not found': 'not found',
  denied: 'not looked up, EC2 denied it',
  throttled: 'not looked up, EC2 throttled it',
  failed: 'not looked up, EC2 did not answer',
} as const satisfies Record<UnknownInterface['result'], string>;

function lookupText({ interface: id, result, time }: UnknownInterface): string {
  return `${truncate(id, maxIdLength)} ${lookupTexts[result]}${time === undefined ? '' : ` at ${utc(time)} UTC`}`;
}

function unknownText(ids: readonly string[]): string {
  const shown = ids.slice(0, maxShown).map((id) => truncate(id, maxIdLength));
  return [...shown, ...(ids.length > maxShown ? [`${formatInteger(ids.length - maxShown)} more`] : [])].join(', ');
}

/** Returns the shortest name of who has an address. */
export function shortName({ name, id, kind }: Pick<KnownAddress, 'name' | 'id' | 'kind'>): string {
  return name ?? id ?? kind;
}

/** Returns who has an address, since when, and who had it before. */
function holderText(known: KnownAddress, from: number): string {
  const { before, seenSince = from, goneAt } = known;
  const former = before && seenSince > from ? `, until ${utc(before.until)} UTC or later ${namedText(before)}` : '';
  const gone = goneAt === undefined ? '' : `, gone by ${utc(goneAt)} UTC`;
  return `${textOf(known)}${sinceText(known, from)}${former}${gone}`;
}

function namedText({ kind, id, name, owner, interface: eni }: Omit<FormerHolder, 'until'>): string {
  const named = name === undefined ? `${kind} ${id ?? eni}` : `${kind} ${name}${id === undefined ? '' : ` (${id})`}`;
  return owner === undefined ? named : `${named}, owner ${owner}`;
}

function textOf(known: KnownAddress): string {
  const { kind, isShared, isByTags } = known;
  const owned = namedText(known);
  if (isByTags) return `${owned}, by its tags in the flow log`;
  if (!isShared) return owned;
  return kind === 'instance' ? `an address that pods share on ${owned}` : `an address that functions share, ${owned}`;
}

function sinceText({ since }: KnownAddress, from: number): string {
  return since === undefined || since <= from ? '' : `, but only since ${utc(since)} UTC`;
}
