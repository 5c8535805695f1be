import { formatInteger, utc } from '../common/format-units.ts';
import { truncate } from '../common/text.ts';
import type { KnownAddress } from '../names/known-interface.ts';
import type { EndpointNames } from './known-names.ts';

/** The most addresses in the e-mail; the JSON body has more. */
const maxShown = 4;

/** The most characters of the id of an interface: a flow log may have any text there. */
const maxIdLength = 64;

/**
 * Returns who has the addresses of an alert: `10.0.3.30 is instance web-1 (i-0a1b), owner payments`. Empty if nobody is
 * known.
 *
 * @param time when the interfaces were described, in epoch seconds; undefined if unknown
 */
export function whoText(
  { interfaces = [], unknownInterfaces = [] }: EndpointNames,
  window: { readonly from: number },
  time: number | undefined,
): string {
  const others = interfaces.length - maxShown;
  const texts = [
    ...interfaces
      .slice(0, maxShown)
      .map((known) => `${known.address} is ${textOf(known)}${sinceText(known, window.from)}`),
    ...(others > 0 ? [`${formatInteger(others)} more`] : []),
    ...(unknownInterfaces.length > 0 ? [`${unknownText(unknownInterfaces)} not known then`] : []),
  ];
  if (texts.length === 0) return '';
  // Tags in the flow log are those of the flow's time.
  const isDescribed = unknownInterfaces.length > 0 || interfaces.some(({ isByTags }) => !isByTags);
  return `${texts.join('; ')}${time === undefined || !isDescribed ? '' : `. As of ${utc(time)} UTC`}`;
}

function unknownText(ids: readonly string[]): string {
  const shown = ids.slice(0, maxShown).map((id) => truncate(id, maxIdLength));
  return [...shown, ...(ids.length > maxShown ? [`${formatInteger(ids.length - maxShown)} more`] : [])].join(', ');
}

/** Returns the shortest name of who has an address. */
export function shortName({ name, id, kind }: Pick<KnownAddress, 'name' | 'id' | 'kind'>): string {
  return name ?? id ?? kind;
}

function textOf({ kind, id, name, owner, isShared, isByTags, interface: eni }: KnownAddress): string {
  const named = name === undefined ? `${kind} ${id ?? eni}` : `${kind} ${name}${id === undefined ? '' : ` (${id})`}`;
  const owned = owner === undefined ? named : `${named}, owner ${owner}`;
  if (isByTags) return `${owned}, by its tags in the flow log`;
  if (!isShared) return owned;
  return kind === 'instance' ? `an address that pods share on ${owned}` : `an address that functions share, ${owned}`;
}

function sinceText({ since }: KnownAddress, from: number): string {
  return since === undefined || since <= from ? '' : `, but only since ${utc(since)} UTC`;
}
