import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';

/** The keys that the SDK signs with: it keeps each as one array for a day. */
const keys = new WeakMap<object, KeyObject>();

/**
 * SHA-256 and its HMAC by Node.js, as the SDK's clients take it (`sha256`). The SDK's own makes Node.js import the key of
 * the day anew for each signature, which takes longer than all other hashing of a request together.
 */
export class Sha256 {
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = begin(secret);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  /** The digest of what was put in; nothing can be put in after it, before a reset. */
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = begin(this.#secret);
  }
}

function begin(secret: string | ArrayBuffer | ArrayBufferView | undefined): Hash | Hmac {
  if (!secret) return createHash('sha256');
  return createHmac('sha256', typeof secret === 'string' ? secret : keyOf(secret));
}

function keyOf(secret: ArrayBuffer | ArrayBufferView): KeyObject {
  const key = keys.get(secret) ?? createSecretKey(bytesOf(secret));
  keys.set(secret, key);
  return key;
}

function bytesOf(secret: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(secret)) return new Uint8Array(secret);
  return new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength);
}
