import type { S3Client } from '@aws-sdk/client-s3';
import { FlowError, messageOf } from '../common/errors.ts';
import { type NetworkFile, readNetworkFile } from '../networks/network-file.ts';
import { NetworkTable } from '../networks/network-table.ts';
import type { LoadedList } from '../rules/loaded.ts';

/** The port that reports reads of the network lists in S3. */
export interface ListLog {
  /** Reports a list that was read because its object had changed. */
  listRead(list: string, file: NetworkFile): void;
  /** Reports a list that could not be read; its previous content stays in use. */
  listFailed(list: string, problem: string): void;
}

/** A list in S3, and the state of its last read. */
interface Source {
  readonly list: LoadedList & Required<Pick<LoadedList, 's3'>>;
  /** The ETag of the object that the list was read from. */
  etag?: string | undefined;
  /** Time of the last attempt to read, in milliseconds; undefined if the list must be read before rules are evaluated. */
  readAt?: number;
}

/** Interval between two reads of a list. */
const refreshMilliseconds = 60_000;

/** How long a batch waits for a list. */
const timeoutMilliseconds = 10_000;

/** The maximum size of an object: the maximum number of entries, with texts. Memory holds it twice. */
const maxBytes = 16 * 1024 * 1024;

/** Keeps network lists equal to their objects in S3, at most a minute late. */
export class S3NetworkLists {
  readonly #sources: readonly Source[];
  readonly #createClient: () => Promise<S3Client>;
  readonly #log: ListLog;
  readonly #now: () => number;
  #client: Promise<S3Client> | undefined;
  #refreshing: Promise<void> | undefined;

  /**
   * @param createClient is called when the first object is read
   * @param now a monotonic clock in milliseconds
   */
  constructor(
    lists: Iterable<LoadedList>,
    createClient: () => Promise<S3Client>,
    log: ListLog,
    now: () => number = () => performance.now(),
  ) {
    this.#sources = [...lists].flatMap((list) => (hasSource(list) ? { list } : []));
    this.#createClient = createClient;
    this.#log = log;
    this.#now = now;
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
    const due = this.#sources.filter(
      ({ readAt }) => readAt === undefined || this.#now() - readAt >= refreshMilliseconds,
    );
    const failures = await Promise.all(due.map((source) => this.#read(source, signal)));
    const failure = failures.find((error) => error !== undefined);
    if (failure) throw failure;
  }

  async #read(source: Source, signal: AbortSignal): Promise<FlowError | undefined> {
    const { list } = source;
    try {
      const object = await this.#get(source, AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]));
      if (object) {
        const file = readNetworkFile(textOf(object.bytes));
        if (file.entries.length === 0) throw new Error(emptyReason(file));
        list.current = new NetworkTable(file.entries);
        source.etag = object.etag;
        this.#log.listRead(list.name, file);
      }
    } catch (error) {
      const problem = `s3://${list.s3.bucket}/${list.s3.key} cannot be read: ${reasonOf(error)}`;
      if (list.current.size === 0) {
        const code = signal.aborted ? 'DEADLINE_NEAR' : 'LIST_FAILED';
        return new FlowError(code, `the list ${list.name} has no networks yet, and ${problem}`, { cause: error });
      }
      this.#log.listFailed(list.name, problem);
    }
    source.readAt = this.#now();
    return undefined;
  }

  /** Gets the object; undefined if it has not changed since the last read. */
  async #get({ list, etag }: Source, signal: AbortSignal): Promise<{ bytes: Uint8Array; etag?: string } | undefined> {
    this.#client ??= this.#createClient();
    const [{ GetObjectCommand }, client] = await Promise.all([import('@aws-sdk/client-s3'), this.#client]);
    const { bucket, key } = list.s3;
    const get = new GetObjectCommand({ Bucket: bucket, Key: key, ...(etag !== undefined && { IfNoneMatch: etag }) });
    try {
      const { Body, ContentLength = 0, ETag } = await client.send(get, { abortSignal: signal });
      if (ContentLength > maxBytes) {
        (Body as { destroy?(): void } | undefined)?.destroy?.();
        throw new Error(`the object has ${ContentLength} bytes, expected at most ${maxBytes}`);
      }
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, ...(ETag !== undefined && { etag: ETag }) };
    } catch (error) {
      if (statusOf(error) === 304) return undefined;
      throw error;
    }
  }
}

function hasSource(list: LoadedList): list is Source['list'] {
  return list.s3 !== undefined;
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

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** S3 denies access to a missing object if the caller may not list the bucket. */
function reasonOf(error: unknown): string {
  const reason =
    error instanceof Error && error.name !== 'Error' ? `${error.name}: ${error.message}` : messageOf(error);
  return statusOf(error) === 403 ? `${reason}; or the object is missing` : reason;
}
