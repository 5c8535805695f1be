import type { SourceOptions } from '../names/read-sources.ts';
import type { RunContext } from './run-context.ts';

/**
 * Reads the context events that options name, and what changes concern by their `--names`; undefined if they name no events. Loads
 * the readers only if they are needed.
 *
 * @throws as readContext and describedPlaces
 */
export async function contextOf(
  { context, names, sampleFindings = false }: SourceOptions,
  signal?: AbortSignal,
): Promise<RunContext | undefined> {
  if (context === undefined) return undefined;
  const { readContext } = await import('./read-context.ts');
  const { describedPlaces } = await import('./described-places.ts');
  const { contextInMemory } = await import('./memory-context.ts');
  const events = await readContext(context, sampleFindings, signal);
  return { events, places: describedPlaces(names), inMemory: contextInMemory };
}
