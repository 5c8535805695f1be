import { AwsJson1_0Protocol } from '@aws-sdk/core/protocols';

type Settings = ConstructorParameters<typeof AwsJson1_0Protocol>[0];
type Codec = NonNullable<Settings['jsonCodec']>;

/**
 * The SDK's protocol for DynamoDB, except that JSON.stringify writes the input; the SDK walks it by a schema. Both give
 * the same JSON for strings, numbers, booleans and bytes, which are the values of items (DynamoDB API Reference,
 * "AttributeValue"). A text body also goes to the socket in one write with its headers.
 */
export class PlainJsonProtocol extends AwsJson1_0Protocol {
  constructor(settings: Settings) {
    super({ ...settings, jsonCodec: new PlainCodec(settings.jsonCodec!) as unknown as Codec });
  }
}

/** Writes without a schema, and reads with the SDK's codec. */
class PlainCodec {
  readonly #codec: Codec;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  setSerdeContext(context: Parameters<Codec['setSerdeContext']>[0]): void {
    this.#codec.setSerdeContext(context);
  }

  createSerializer(): PlainSerializer {
    return new PlainSerializer();
  }

  createDeserializer(): ReturnType<Codec['createDeserializer']> {
    return this.#codec.createDeserializer();
  }
}

class PlainSerializer {
  #input: unknown;

  setSerdeContext(): void {}

  write(_schema: unknown, input: unknown): void {
    this.#input = input;
  }

  flush(): string {
    return JSON.stringify(this.#input, wireValue);
  }
}

/** Converts bytes to base64, like the SDK's codec, and replaces lone surrogates, which UTF-8 cannot encode. */
function wireValue(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
