import type { S3Client } from '@aws-sdk/client-s3';
import { FlowError, messageOf } from '../common/errors.ts';
import { type NetworkFile, readNetworkFile } from '../networks/network-file.ts';
import { NetworkTable } from '../networks/network-table.ts';
import type { LoadedList } from '../rules/loaded.ts';

/** Where it is told how the lists that are in S3 fare. */
export interface ListLog {
  /** A list was read anew. */
  listRead(list: string, file: NetworkFile): void;
  /** A list could not be read, and stays as it was read before. */
  listFailed(list: string, problem: string): void;
}

/** A list with a source, and what was read of it. */
interface Source {
  readonly list: LoadedList & Required<Pick<LoadedList, 's3'>>;
  /** Of the object that the list's table was made of. */
  etag?: string | undefined;
  /** When it was read or tried, in milliseconds; undefined where it must be read before anything is judged by it. */
  readAt?: number;
}

/** How long a list stays as it was read, in milliseconds. */
const period = 60_000;

/** How long a batch waits for a list, in milliseconds. */
const patience = 10_000;

/** The longest object that is read: the most entries that are taken, with texts. It is held in memory twice. */
const maxBytes = 16 * 1024 * 1024;

/** Keeps the lists that are in S3 as their objects are, a minute late at most. */
export class S3NetworkLists {
  readonly #sources: readonly Source[];
  readonly #createClient: () => Promise<S3Client>;
  readonly #log: ListLog;
  readonly #now: () => number;
  #client: Promise<S3Client> | undefined;
  #underWay: Promise<void> | undefined;

  /**
   * @param createClient is called when the first object is read, and not without one
   * @param now a clock that never goes back, in milliseconds
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
   * Reads the objects that were not looked at for a minute, where they have changed. One that cannot be read, holds no
   * network, or is no text leaves its list as it is.
   *
   * @throws FlowError `LIST_FAILED`, or `DEADLINE_NEAR` when the signal fired, when that leaves a list without anything
   */
  refresh(signal: AbortSignal): Promise<void> {
    this.#underWay ??= this.#readAll(signal).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const due = this.#sources.filter(({ readAt }) => readAt === undefined || this.#now() - readAt >= period);
    const failures = await Promise.all(due.map((source) => this.#read(source, signal)));
    const failure = failures.find((one) => one !== undefined);
    if (failure) throw failure;
  }

  async #read(source: Source, signal: AbortSignal): Promise<FlowError | undefined> {
    const { list } = source;
    try {
      const object = await this.#get(source, AbortSignal.any([signal, AbortSignal.timeout(patience)]));
      if (object) {
        const file = readNetworkFile(textOf(object.bytes));
        if (file.entries.length === 0) throw new Error(whyEmpty(file));
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

  /** The object; undefined when it is the one that was read before. */
  async #get({ list, etag }: Source, signal: AbortSignal): Promise<{ bytes: Uint8Array; etag?: string } | undefined> {
    this.#client ??= this.#createClient();
    const [{ GetObjectCommand }, client] = await Promise.all([import('@aws-sdk/client-s3'), this.#client]);
    const { bucket, key } = list.s3;
    const get = new GetObjectCommand({ Bucket: bucket, Key: key, ...(etag !== undefined && { IfNoneMatch: etag }) });
    try {
      const { Body, ContentLength = 0, ETag } = await client.send(get, { abortSignal: signal });
      if (ContentLength > maxBytes) {
        (Body as { destroy?(): void } | undefined)?.destroy?.();
        throw new Error(`it has ${ContentLength} bytes, at most ${maxBytes}`);
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
  if (text.includes('\0')) throw new Error('it is no text');
  return text;
}

function whyEmpty({ unreadable, problems: [first] }: NetworkFile): string {
  if (!first) return 'it holds no network';
  return `it holds no network, and ${unreadable} lines that are none, such as line ${first.line}: ${first.problem}`;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** What S3 says of an object that is not there, to who may not list the bucket, is that access is denied. */
function reasonOf(error: unknown): string {
  const reason =
    error instanceof Error && error.name !== 'Error' ? `${error.name}: ${error.message}` : messageOf(error);
  return statusOf(error) === 403 ? `${reason}; it may also not be there` : reason;
}
