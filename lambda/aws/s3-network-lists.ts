import type { S3Client } from '@aws-sdk/client-s3';
import { FlowError, messageOf } from '../common/errors.ts';
import { type NetworkFile, readNetworkFile } from '../networks/network-file.ts';
import { NetworkTable } from '../networks/network-table.ts';
import type { LoadedList } from '../rules/loaded.ts';
import { RefreshedObject } from './refreshed-object.ts';

/** The port that reports reads of the network lists in S3. */
export interface ListLog {
  /** Reports a list that was read because its object had changed. */
  listRead(list: string, file: NetworkFile): void;
  /** Reports a list that could not be read; its previous content stays in use. */
  listFailed(list: string, problem: string): void;
}

/** A list in S3, and its object. */
interface Source {
  readonly list: LoadedList;
  readonly object: RefreshedObject;
}

/** How long a batch waits for a list. */
const timeoutMilliseconds = 10_000;

/** Keeps network lists equal to their objects in S3, at most a minute late. */
export class S3NetworkLists {
  readonly #sources: readonly Source[];
  readonly #log: ListLog;
  #refreshing: Promise<void> | undefined;

  /**
   * @param createClient is called when an object is read
   * @param now a monotonic clock in milliseconds
   */
  constructor(
    lists: Iterable<LoadedList>,
    createClient: () => Promise<S3Client>,
    log: ListLog,
    now: () => number = () => performance.now(),
  ) {
    this.#sources = [...lists].flatMap((list) =>
      list.s3 ? { list, object: new RefreshedObject(list.s3, { createClient, now }) } : [],
    );
    this.#log = log;
  }

  /**
   * Reads each object that was not checked for a minute and has changed. If an object cannot be read, is not text, or has
   * no networks, its list keeps its content.
   *
   * @throws FlowError `LIST_FAILED`, or `DEADLINE_NEAR` if the signal has fired, if a list would be empty
   */
  refresh(signal: AbortSignal): Promise<void> {
    this.#refreshing ??= this.#readAll(signal).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const due = this.#sources.filter(({ object }) => object.isDue);
    const failures = await Promise.all(due.map((source) => this.#read(source, signal)));
    const failure = failures.find((error) => error !== undefined);
    if (failure) throw failure;
  }

  async #read({ list, object }: Source, signal: AbortSignal): Promise<FlowError | undefined> {
    const use = (bytes: Uint8Array) => {
      const file = readNetworkFile(textOf(bytes));
      if (file.entries.length === 0) throw new Error(emptyReason(file));
      list.current = new NetworkTable(file.entries);
      this.#log.listRead(list.name, file);
    };
    try {
      await object.read(use, AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]));
    } catch (error) {
      const problem = messageOf(error);
      if (list.current.size === 0) {
        const code = signal.aborted ? 'DEADLINE_NEAR' : 'LIST_FAILED';
        return new FlowError(code, `the list ${list.name} has no networks yet, and ${problem}`, { cause: error });
      }
      this.#log.listFailed(list.name, problem);
    }
    object.checked();
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (text.includes('\0')) throw new Error('the object is not text');
  return text;
}

function emptyReason({ unreadable, problems: [first] }: NetworkFile): string {
  if (!first) return 'the object has no networks';
  return `the object has no networks and ${unreadable} invalid lines, such as line ${first.line}: ${first.problem}`;
}
