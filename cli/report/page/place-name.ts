import type { GeoEntry } from '../../../lambda/geo/geo-table.ts';

/** Returns the name of a country, in which an AWS Region is apart: `DE (registry)`, or `US (registry), AWS eu-west-1`. */
export function placeName({ country, awsRegion }: Pick<GeoEntry, 'country' | 'awsRegion'>): string {
  if (country === undefined && awsRegion === undefined) return 'Not known';
  const parts = [country && `${country} (registry)`, awsRegion && `AWS ${awsRegion}`];
  return parts.filter((part) => part !== undefined).join(', ');
}
