import { isRegionName } from '../aws/region-name.ts';

/** A region in collected.json. */
export interface CollectedRegion {
  readonly region: string;
  /** Time before the first call, in epoch seconds. */
  readonly time: number;
  readonly interfaces: number;
  readonly instances: number;
}

/**
 * Reads the regions of collected.json.
 *
 * @returns undefined if the text is not a collected.json of version 1
 */
export function parseCollected(text: string): readonly CollectedRegion[] | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, regions } = (read ?? {}) as { version?: unknown; regions?: unknown };
  return version === 1 && Array.isArray(regions) && regions.every(isRegion) ? regions : undefined;
}

function isRegion(value: unknown): value is CollectedRegion {
  const { region, time, interfaces, instances } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof region === 'string' && isRegionName(region) && [time, interfaces, instances].every(Number.isSafeInteger)
  );
}

/** Formats collected.json. */
export function formatCollected(regions: readonly CollectedRegion[]): string {
  return `${JSON.stringify({ version: 1, regions }, null, 2)}\n`;
}

/** Returns the regions with one added or replaced, by name. */
export function withRegion(regions: readonly CollectedRegion[], added: CollectedRegion): readonly CollectedRegion[] {
  return [...regions.filter(({ region }) => region !== added.region), added].sort((a, b) =>
    a.region < b.region ? -1 : 1,
  );
}
