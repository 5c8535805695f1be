import { AwsJson1_0Protocol } from '@aws-sdk/core/protocols';

type Settings = ConstructorParameters<typeof AwsJson1_0Protocol>[0];
type Codec = NonNullable<Settings['jsonCodec']>;

/**
 * DynamoDB's protocol as the SDK has it, but for how an input becomes JSON: the SDK walks it by its schema, and here
 * JSON.stringify does. The two are the same for inputs of strings, numbers, booleans and bytes, which those of items are
 * (DynamoDB API Reference, "AttributeValue"). And a text goes to the socket together with its headers, in one write.
 */
export class PlainJsonProtocol extends AwsJson1_0Protocol {
  constructor(settings: Settings) {
    super({ ...settings, jsonCodec: new PlainCodec(settings.jsonCodec!) as unknown as Codec });
  }
}

/** Writes without a schema, and reads as the SDK's codec does. */
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

/** Bytes in base64, as the SDK's codec has them; half a character of UTF-16, for which UTF-8 has nothing, is replaced. */
function wireValue(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
