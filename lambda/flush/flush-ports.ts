import type { AlertPorts } from '../alert/alert-ports.ts';
import type { MessageLimits } from '../alert/messages.ts';
import type { Origin } from '../decode/firehose-event.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { FreezePorts } from './freeze-lane.ts';

/** The configuration of a flush. */
export interface FlushSettings {
  readonly rules: LoadedRules;
  readonly messages: MessageLimits;
  /** The account and the region of alerts. */
  readonly origin: Origin;
  /** The time from one flush to the next, in seconds. */
  readonly everySeconds: number;
  /** The number of lanes into which batches put pages now; 0 if they are counted directly, and follow up alerts. */
  readonly lanes: number;
}

/** The ports of a flush. */
export interface FlushPorts extends AlertPorts, FreezePorts {
  /** A name of this process that no other process has. */
  readonly holder: string;
  /** When a lease ends by itself, in epoch seconds: not before the process is stopped. */
  readonly leaseUntil: () => number;
  /** Fires when no further chunk may be started: there is time left to alert and to record what is counted. */
  readonly lastStart: AbortSignal;
}
