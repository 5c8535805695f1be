import type { ContextEntry } from '../context/context-entry.ts';
import type { Entity } from '../context/entity.ts';
import type { SentAlert } from '../context/sent-alert.ts';

/**
 * The port to what happened around hosts, which another function stores. No method rejects or waits for long: an alert
 * without context is better than a late one.
 */
export interface ContextLookups {
  /**
   * Reads the entries of entities from a time on.
   *
   * @param from epoch seconds
   * @returns undefined if they cannot be read
   */
  read(entities: readonly Entity[], from: number, signal: AbortSignal): Promise<ReadContext | undefined>;
  /** Stores sent alerts, for what comes later. */
  remember(alerts: readonly SentAlert[], signal: AbortSignal): Promise<void>;
}

/** The entries that were read. */
export interface ReadContext {
  /** Epoch seconds. */
  readonly asOf: number;
  readonly entries: ReadonlyMap<Entity, readonly ContextEntry[]>;
}
