import type { CountPorts } from '../count/counter-store.ts';
import type { Alert } from './alert.ts';
import type { AlertPublisher } from './alert-publisher.ts';
import type { AlertStateStore } from './alert-state-store.ts';

/** Where alerts are logged that no message is sent for. */
export interface AlertLog {
  /** Logs an alert of an experimental rule. */
  alert(alert: Alert): void;
}

/** What the stage `alert` asks of the world. */
export interface AlertPorts extends CountPorts {
  readonly alertState: AlertStateStore;
  readonly alerts: AlertPublisher;
  readonly log: AlertLog;
  /** Fires when what was begun must be over too: what was published by the deadline is still marked until then. */
  readonly closing: AbortSignal;
}
