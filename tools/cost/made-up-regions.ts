import { type GeoEntry, isPublicAddress } from '../../lambda/geo/geo-table.ts';

/** Countries of the made-up table; the default list expects seven of them. */
const countries =
  'US US US US DE DE GB FR NL IE CA JP SG IN BR AU KR SE CH IT ES PL FI TW HK ZA MX TR UA RO CZ DK'.split(' ');
const awsRegions = 'us-east-1 us-west-2 eu-west-1 eu-central-1 ap-southeast-1 ap-northeast-1'.split(' ');

/**
 * Returns made-up facts about an address, the same for all of a /24: a country, and for a third of the networks an AWS
 * Region. The labelled traffic has documentation addresses, of which no table has any.
 */
export function madeUpRegion(address: string): GeoEntry | undefined {
  if (!isPublicAddress(address)) return undefined;
  const number = hashOf(address.slice(0, address.lastIndexOf(address.includes(':') ? ':' : '.')));
  return {
    country: countries[number % countries.length]!,
    asn: 64_496 + (number % 1000),
    ...(number % 3 === 0 && { awsRegion: awsRegions[(number >>> 8) % awsRegions.length]! }),
  };
}

/** Returns a hash of a text: FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
