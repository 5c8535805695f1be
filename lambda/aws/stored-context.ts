import type { ContextLookups, ReadContext } from '../alert/context-lookups.ts';
import { messageOf } from '../common/errors.ts';
import type { ContextTable } from '../context/context-table.ts';
import type { Entity } from '../context/entity.ts';
import { readEntries } from '../context/read-entries.ts';
import { type SentAlert, sentAlertEntries, sentAlertItem } from '../context/sent-alert.ts';

/** The time that reading may take before the alerts of a batch, and storing after them, in milliseconds. */
const maxMilliseconds = 300;

/** The log of context that could not be read, and of sent alerts that could not be stored. */
export interface ContextLog {
  contextUnread(problem: string): void;
  contextUnwritten(alerts: number, problem: string): void;
}

/** Reads the context of alerts from the table that the function of lambda/context-handler.ts fills, and stores sent alerts in it. */
export class StoredContext implements ContextLookups {
  readonly #table: ContextTable;
  readonly #retentionSeconds: number;
  readonly #log: ContextLog;
  readonly #now: () => number;

  /**
   * @param retentionSeconds how long a sent alert is stored
   * @param now epoch seconds
   */
  constructor(table: ContextTable, retentionSeconds: number, log: ContextLog, now: () => number) {
    this.#table = table;
    this.#retentionSeconds = retentionSeconds;
    this.#log = log;
    this.#now = now;
  }

  async read(entities: readonly Entity[], from: number, deadline: AbortSignal): Promise<ReadContext | undefined> {
    try {
      const entries = await readEntries(entities, { from }, this.#table, signalBy(deadline));
      return { asOf: this.#now(), entries };
    } catch (error) {
      this.#log.contextUnread(messageOf(error));
      return undefined;
    }
  }

  async remember(alerts: readonly SentAlert[], deadline: AbortSignal): Promise<void> {
    const signal = signalBy(deadline);
    const expiresAt = this.#now() + this.#retentionSeconds;
    const stored = await Promise.allSettled(alerts.map((alert) => this.#store(alert, expiresAt, signal)));
    const failed = stored.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    if (failed.length > 0) this.#log.contextUnwritten(failed.length, messageOf(failed[0]));
  }

  /** Stores an alert, then what events find it by. An alert that is stored already may have updates, and stays. */
  async #store(alert: SentAlert, expiresAt: number, signal: AbortSignal): Promise<void> {
    await this.#table.putIf(sentAlertItem(alert, 1, expiresAt), undefined, signal);
    await this.#table.put(sentAlertEntries(alert, expiresAt), signal);
  }
}

/** Returns a signal that fires with the deadline, or earlier. */
function signalBy(deadline: AbortSignal): AbortSignal {
  return AbortSignal.any([deadline, AbortSignal.timeout(maxMilliseconds)]);
}
