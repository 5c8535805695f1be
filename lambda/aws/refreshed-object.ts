import type { S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../common/errors.ts';
import type { S3Object } from '../rules/model.ts';

/** Interval between two reads of an object. */
const refreshMilliseconds = 60_000;

/** The maximum size of an object. Memory holds its bytes and what is made of them. */
const maxBytes = 16 * 1024 * 1024;

/** What reads objects. */
export interface ObjectReader {
  /** Is called when the first object is read: few deployments need the client. */
  readonly createClient: () => Promise<S3Client>;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** An object in S3 whose content is used again until the object has changed. */
export class RefreshedObject {
  readonly #object: S3Object;
  readonly #reader: ObjectReader;
  /** The ETag of the content in use. */
  #etag: string | undefined;
  /** Time of the last attempt to read, in milliseconds; undefined if the next batch must read the object. */
  #readAt: number | undefined;

  constructor(object: S3Object, reader: ObjectReader) {
    this.#object = object;
    this.#reader = reader;
  }

  /** Returns whether the object was not checked for a minute. */
  get isDue(): boolean {
    return this.#readAt === undefined || this.#reader.now() - this.#readAt >= refreshMilliseconds;
  }

  /** Notes that the object was checked. Without this, the next batch reads it again. */
  checked(): void {
    this.#readAt = this.#reader.now();
  }

  /**
   * Reads the object if it has changed since the content in use.
   *
   * @param use takes the bytes, and throws if they are not valid: then the content in use stays
   * @throws Error with the object and the reason
   */
  async read(use: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void> {
    try {
      const read = await this.#get(signal);
      if (!read) return;
      use(read.bytes);
      this.#etag = read.etag;
    } catch (error) {
      const { bucket, key } = this.#object;
      throw new Error(`s3://${bucket}/${key} cannot be read: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Gets the object; undefined if it has not changed. */
  async #get(signal: AbortSignal): Promise<{ bytes: Uint8Array; etag: string | undefined } | undefined> {
    const [{ GetObjectCommand }, client] = await Promise.all([
      import('@aws-sdk/client-s3'),
      this.#reader.createClient(),
    ]);
    const { bucket, key } = this.#object;
    const known = this.#etag !== undefined && { IfNoneMatch: this.#etag };
    const get = new GetObjectCommand({ Bucket: bucket, Key: key, ...known });
    try {
      const { Body, ContentLength = 0, ETag } = await client.send(get, { abortSignal: signal });
      if (ContentLength > maxBytes) {
        (Body as { destroy?(): void } | undefined)?.destroy?.();
        throw new Error(`the object has ${ContentLength} bytes, expected at most ${maxBytes}`);
      }
      return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag };
    } catch (error) {
      if (statusOf(error) === 304) return undefined;
      throw error;
    }
  }
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
