/** What was found in a text of JSON objects. */
export type Scanned =
  /** An object that stands by itself. */
  | { readonly kind: 'object'; readonly bytes: Buffer }
  /** An object in one of the lists that are looked into. */
  | { readonly kind: 'element'; readonly list: string; readonly bytes: Buffer }
  /** A line, or the rest of one, that is no JSON. */
  | { readonly kind: 'other'; readonly bytes: Buffer }
  /** An object or line that is too long. It is left out. */
  | { readonly kind: 'too long' };

/** Lists that may be longer than memory, so that their elements come one by one: of a Firehose event and of `aws logs`. */
const lists: ReadonlySet<string> = new Set(['records', 'events']);

/** Longer names are none of ours. */
const maxNameBytes = 64;

/** How many names of one object are remembered. */
const maxNames = 200;

const [lineBreak, quote, backslash, comma] = [0x0a, 0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Cuts bytes into the JSON objects that stand in them: a line each, pretty-printed, one after the other or in a list. It
 * does not check them. A line break within a text, which JSON does not allow, ends an object that is corrupt.
 */
export class JsonScanner {
  readonly #maxBytes: number;
  /** What is kept of the current object, from earlier chunks. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isKeeping = false;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #isOther = false;
  /** The list that is being looked into, and whether its object had one. */
  #list: string | undefined;
  #hadList = false;
  #text: number[] = [];
  #names = new Set<string>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Texts in the current object, not in what is nested in it: the names of its members among them. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Whether an object is not at its end. */
  get isWithin(): boolean {
    return this.#depth > 0;
  }

  scan(chunk: Buffer): Scanned[] {
    const found: Scanned[] = [];
    let from = 0;
    const begin = (at: number) => {
      from = at;
      this.#isKeeping = true;
    };
    const keep = (to: number) => {
      if (!this.#isKeeping) return;
      this.#keptBytes += to - from;
      if (this.#keptBytes > this.#maxBytes) this.#kept = [];
      else this.#kept.push(chunk.subarray(from, to));
      from = to;
    };
    const end = (to: number, kind: 'object' | 'other' | 'element') => {
      keep(to);
      const bytes = Buffer.concat(this.#kept);
      if (this.#keptBytes > this.#maxBytes) found.push({ kind: 'too long' });
      else if (kind === 'element') found.push({ kind, list: this.#list!, bytes });
      else found.push({ kind, bytes });
      this.#drop();
    };
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#isOther) {
        if (byte !== lineBreak) continue;
        end(at, 'other');
        this.#isOther = false;
      } else if (this.#isInText) {
        if (byte === lineBreak) {
          if (this.#isKeeping) end(at, 'other');
          this.#leave();
        } else this.#readText(byte);
      } else if (this.#depth === 0) {
        if (byte === openBrace) {
          this.#depth = 1;
          this.#names = new Set();
          begin(at);
        } else if (!isBetween(byte)) {
          this.#isOther = true;
          begin(at);
        }
      } else if (byte === quote) {
        this.#isInText = true;
        this.#text = [];
      } else if (byte === openBrace || byte === openBracket) {
        if (byte === openBrace && this.#list !== undefined && this.#depth === 2) begin(at);
        this.#depth += 1;
        const name = String.fromCharCode(...this.#text);
        if (byte === openBracket && this.#depth === 2 && lists.has(name)) {
          this.#drop();
          [this.#list, this.#hadList] = [name, true];
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#depth === 2 && this.#list !== undefined && this.#isKeeping) end(at + 1, 'element');
        else if (this.#depth === 1) this.#list = undefined;
        else if (this.#depth === 0) {
          if (!this.#hadList) end(at + 1, 'object');
          this.#leave();
        }
      }
    }
    keep(chunk.length);
    return found;
  }

  /** What is left after the last chunk: a line that is no JSON. An object that is not at its end is not answered. */
  rest(): Scanned[] {
    return this.#isOther ? this.scan(Buffer.of(lineBreak)) : [];
  }

  #readText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) {
      this.#isInText = false;
      if (this.#depth === 1 && this.#names.size < maxNames) this.#names.add(String.fromCharCode(...this.#text));
    } else if (this.#depth === 1 && this.#text.length <= maxNameBytes) this.#text.push(byte);
  }

  #drop(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#isKeeping = false;
  }

  #leave(): void {
    this.#drop();
    this.#depth = 0;
    this.#isInText = false;
    this.#isEscaped = false;
    this.#list = undefined;
    this.#hadList = false;
  }
}

/** What may stand between objects: white space, and what a list around them has. */
function isBetween(byte: number): boolean {
  return byte <= 0x20 || byte === comma || byte === openBracket || byte === closeBracket;
}
