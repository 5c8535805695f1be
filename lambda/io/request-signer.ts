import { createHmac, hash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

type Signer = Awaited<ReturnType<DynamoDBClient['config']['signer']>>;
type Request = Parameters<Signer['sign']>[0];
type Options = NonNullable<Parameters<Signer['sign']>[1]>;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Whose requests are signed, and for what. */
interface Scope {
  readonly credentials: () => Promise<Credentials>;
  readonly region: string;
  readonly service: string;
}

/**
 * Signs requests with Signature Version 4 (IAM User Guide, "Create a signed AWS API request") as the SDK's own signer does,
 * in a quarter of its time, which is a fifth of all that an UpdateItem takes in this process. It relies on what the requests
 * of DynamoDB are: POST to `/`, without a query, the body in memory, headers in lower case and without blanks to fold. Any
 * other goes to the SDK's signer. Signed is what must be: the host, the type of the content, and `x-amz-*`.
 */
export class RequestSigner implements Signer {
  readonly #scope: Scope;
  readonly #otherwise: Signer;
  /** Derived from the secret for a day, a region and a service. */
  #key: { readonly of: string; readonly bytes: Buffer } | undefined;

  /** @param otherwise signs the requests that are not of this form */
  constructor(scope: Scope, otherwise: Signer) {
    this.#scope = scope;
    this.#otherwise = otherwise;
  }

  /** Adds to the request's own headers: a request that is tried again is signed again. */
  async sign(request: Request, options: Options = {}): Promise<Request> {
    const { method, path, query = {}, headers, body } = request as Request & { body: unknown };
    const inMemory = typeof body === 'string' || body instanceof Uint8Array;
    if (method !== 'POST' || path !== '/' || Object.keys(query).length > 0 || !inMemory) {
      return this.#otherwise.sign(request, options);
    }
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#scope.credentials();
    const {
      signingDate = new Date(),
      signingRegion = this.#scope.region,
      signingService = this.#scope.service,
    } = options;
    const time = timeOf(new Date(signingDate));
    const day = time.slice(0, 8);
    const scope = `${day}/${signingRegion}/${signingService}/aws4_request`;

    headers['x-amz-date'] = time;
    if (sessionToken) headers['x-amz-security-token'] = sessionToken;
    headers['x-amz-content-sha256'] = hash('sha256', body);
    const names = Object.keys(headers).filter(isSigned).sort();
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
    const signed = names.join(';');
    const canonical = `POST\n/\n\n${lines}\n${signed}\n${headers['x-amz-content-sha256']}`;
    const signature = createHmac('sha256', this.#keyFor(secretAccessKey, scope))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`)
      .digest('hex');
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return request;
  }

  #keyFor(secret: string, scope: string): Buffer {
    const of = `${scope}/${secret}`;
    if (this.#key?.of !== of) this.#key = { of, bytes: scope.split('/').reduce(derive, Buffer.from(`AWS4${secret}`)) };
    return this.#key.bytes;
  }
}

/** As `20261124T090000Z`. */
function timeOf(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function isSigned(name: string): boolean {
  return name.startsWith('x-amz-') || name === 'host' || name === 'content-type';
}

function derive(key: Buffer, part: string): Buffer {
  return createHmac('sha256', key).update(part).digest();
}
