import type { CountPorts } from '../count/counter-store.ts';
import type { HostSources } from './address-sources.ts';
import type { Alert } from './alert.ts';
import type { AlertPublisher } from './alert-publisher.ts';
import type { AlertStateStore } from './alert-state-store.ts';
import type { ContextLookups } from './context-lookups.ts';
import type { NameLookups } from './name-lookups.ts';

/** The log of alerts that are not published. */
export interface AlertLog {
  /** Logs an alert of an experimental rule. */
  alert(alert: Alert): void;
}

/** The ports of the stage `alert`. */
export interface AlertPorts extends CountPorts, HostSources {
  readonly alertState: AlertStateStore;
  readonly alerts: AlertPublisher;
  readonly log: AlertLog;
  /** Names that another function looks up (default: none). They come before `names`. */
  readonly nameLookups?: NameLookups | undefined;
  /** What happened around hosts, which another function stores (default: nothing is read or stored). */
  readonly contextLookups?: ContextLookups | undefined;
  /** Fires later than `deadline`: until then, alerts that were published by the deadline are marked as sent. */
  readonly closing: AbortSignal;
}
