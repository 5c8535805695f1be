import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';

/** The objects of the lake. Calls reject with the error of the store. */
export interface Lake {
  /** Lists the keys with a prefix, in order. */
  list(prefix: string): AsyncIterable<string>;
  read(key: string): Promise<Uint8Array>;
  exists(key: string): Promise<boolean>;
  write(key: string, body: string | Uint8Array): Promise<void>;
  /** Creates an empty object. Resolves to false if the object exists; of two concurrent calls, one resolves to true. */
  claim(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
}

/** The lake's bucket in S3. */
export class LakeBucket implements Lake {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix });
    for await (const { Contents = [] } of pages) {
      for (const { Key } of Contents) if (Key !== undefined && !Key.endsWith('/')) yield Key;
    }
  }

  async read(key: string): Promise<Uint8Array> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  async write(key: string, body: string | Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body }));
  }

  async claim(key: string): Promise<boolean> {
    if (await this.exists(key)) return false;
    try {
      const put = { Bucket: this.#bucket, Key: key, Body: new Uint8Array(), IfNoneMatch: '*' };
      await this.#client.send(new PutObjectCommand(put));
      return true;
    } catch (error) {
      // 409: a concurrent request writes the same key (S3 User Guide, "Conditional writes").
      if (statusOf(error) === 412 || statusOf(error) === 409) return false;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
