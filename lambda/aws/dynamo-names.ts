import { BatchGetItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { NameLookups, ReadNames } from '../alert/name-lookups.ts';
import { messageOf } from '../common/errors.ts';
import type { NameEntry } from '../names/name-entry.ts';
import { requestItem } from '../names/name-items.ts';
import type { NameKey } from '../names/name-key.ts';
import { NameRequests } from '../names/name-requests.ts';
import { StoredNames } from '../names/stored-names.ts';
import { CommandSender } from './command-sender.ts';
import { readNameEntries } from './read-name-entries.ts';

/** The time that the names of a batch may take before its alerts, and their requests after them, in milliseconds. */
const maxMilliseconds = 300;

/** The log of names that could not be read or asked for. */
export interface NameLog {
  namesUnread(problem: string): void;
  namesUnasked(names: number, problem: string): void;
}

/** Reads names from the table that the function of lambda/names-handler.ts fills, and asks that function for others. */
export class DynamoNames implements NameLookups {
  readonly #sender: CommandSender;
  readonly #tableName: string;
  readonly #log: NameLog;
  readonly #now: () => number;
  readonly #requests = new NameRequests();

  /** @param now epoch seconds */
  constructor(client: DynamoDBClient, tableName: string, log: NameLog, now: () => number) {
    this.#sender = new CommandSender(client, { attempts: 'one' });
    this.#tableName = tableName;
    this.#log = log;
    this.#now = now;
  }

  async read(keys: readonly NameKey[], deadline: AbortSignal): Promise<ReadNames | undefined> {
    try {
      const { read, entries } = await readNameEntries(this.#tableName, keys, (input) =>
        this.#sender.send(BatchGetItemCommand, input, signalBy(deadline)),
      );
      const now = this.#now();
      return { names: new StoredNames(read, entries, now), ask: () => this.#ask(read, entries, now, deadline) };
    } catch (error) {
      this.#log.namesUnread(messageOf(error));
      return undefined;
    }
  }

  async #ask(
    keys: readonly NameKey[],
    entries: ReadonlyMap<string, NameEntry>,
    now: number,
    deadline: AbortSignal,
  ): Promise<void> {
    const signal = signalBy(deadline);
    const puts = this.#requests.take(keys, entries, now).map((key) => {
      const put = { TableName: this.#tableName, Item: requestItem(key, now) };
      return this.#sender.send(PutItemCommand, put as never, signal);
    });
    const failed = (await Promise.allSettled(puts)).flatMap((put) => (put.status === 'rejected' ? [put.reason] : []));
    if (failed.length > 0) this.#log.namesUnasked(failed.length, messageOf(failed[0]));
  }
}

/** Returns a signal that fires with the deadline, or earlier. */
function signalBy(deadline: AbortSignal): AbortSignal {
  return AbortSignal.any([deadline, AbortSignal.timeout(maxMilliseconds)]);
}
