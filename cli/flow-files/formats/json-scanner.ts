/** A piece of a text of JSON objects. */
export type Scanned =
  /** A top-level object. */
  | { readonly kind: 'object'; readonly bytes: Buffer }
  /** An object in one of the lists whose elements are emitted one by one; of `results`, a list. */
  | { readonly kind: 'element'; readonly list: string; readonly bytes: Buffer }
  /** A line, or the rest of one, that is not JSON. */
  | { readonly kind: 'other'; readonly bytes: Buffer }
  /** An object or a line over the size limit, without its bytes. */
  | { readonly kind: 'too long' };

/**
 * Lists that may exceed memory, so that their elements are emitted one by one, with the byte that opens an element: those
 * of a Firehose event, and of `aws logs filter-log-events` and `get-query-results`.
 */
const lists: ReadonlyMap<string, number> = new Map([
  ['records', 0x7b],
  ['events', 0x7b],
  ['results', 0x5b],
]);

/** Upper bound of a recorded text, in bytes; no member name of the supported formats is longer. */
const maxNameBytes = 64;

/** Upper bound of recorded names of one object. */
const maxNames = 200;

const [lineBreak, quote, backslash, comma] = [0x0a, 0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Position of the scanner in the text. */
type State =
  /** Between top-level objects. */
  | 'between'
  /** In a line that is not JSON. */
  | 'other'
  /** In an object, outside its texts. */
  | 'object'
  /** In a text of an object. */
  | 'text'
  /** In a text, after a backslash. */
  | 'escape';

/**
 * Splits bytes into the JSON objects in them: one a line, pretty-printed, concatenated or in a list. It does not
 * validate them. A line break in a text, which JSON does not allow, ends a corrupt object.
 */
export class JsonScanner {
  readonly #capture: Capture;
  #state: State = 'between';
  /** Braces and brackets that are open. */
  #depth = 0;
  /** The list whose elements are emitted; undefined outside of such a list. */
  #list: string | undefined;
  /** Whether the current object has such a list. */
  #hasList = false;
  /** The bytes of the latest text at depth 1. */
  #text: number[] = [];
  #names = new Set<string>();

  /** @param maxBytes upper bound of an object or line; longer ones are left out */
  constructor(maxBytes: number) {
    this.#capture = new Capture(maxBytes);
  }

  /** The texts directly in the current object, which include the names of its members. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Returns whether the text so far ends within an object. */
  get isWithin(): boolean {
    return this.#depth > 0;
  }

  /** Scans the next chunk, and returns the pieces that end in it. */
  scan(chunk: Buffer): Scanned[] {
    const found: Scanned[] = [];
    this.#capture.enter(chunk);
    for (let at = 0; at < chunk.length; ) {
      switch (this.#state) {
        case 'between':
          this.#scanBetween(chunk[at]!, at);
          at += 1;
          break;
        case 'other':
          at = this.#scanOther(chunk, at, found);
          break;
        case 'object':
          this.#scanObject(chunk[at]!, at, found);
          at += 1;
          break;
        default:
          at = this.#scanText(chunk, at, found);
      }
    }
    this.#capture.leave();
    return found;
  }

  /** Returns the line after the last line break that is not JSON. An incomplete object is left out. */
  rest(): Scanned[] {
    return this.#state === 'other' ? this.scan(Buffer.of(lineBreak)) : [];
  }

  #scanBetween(byte: number, at: number): void {
    if (isSeparator(byte)) return;
    this.#capture.begin(at);
    if (byte !== openBrace) {
      this.#state = 'other';
      return;
    }
    this.#state = 'object';
    this.#depth = 1;
    this.#names = new Set();
  }

  /** Scans to the end of the line or of the chunk. Returns the index after it. */
  #scanOther(chunk: Buffer, from: number, found: Scanned[]): number {
    const end = chunk.indexOf(lineBreak, from);
    if (end < 0) return chunk.length;
    found.push(this.#capture.end(end, 'other'));
    this.#state = 'between';
    return end + 1;
  }

  #scanObject(byte: number, at: number, found: Scanned[]): void {
    if (byte === quote) {
      this.#state = 'text';
      this.#text = [];
    } else if (byte === openBrace || byte === openBracket) this.#open(byte, at);
    else if (byte === closeBrace || byte === closeBracket) this.#close(at, found);
  }

  #open(byte: number, at: number): void {
    if (this.#list !== undefined && this.#depth === 2 && byte === lists.get(this.#list)) this.#capture.begin(at);
    this.#depth += 1;
    if (byte !== openBracket || this.#depth !== 2) return;
    const name = String.fromCharCode(...this.#text);
    if (!lists.has(name)) return;
    this.#capture.drop();
    this.#list = name;
    this.#hasList = true;
  }

  #close(at: number, found: Scanned[]): void {
    this.#depth -= 1;
    if (this.#depth === 2 && this.#list !== undefined && this.#capture.isActive) {
      found.push(this.#capture.end(at + 1, 'element', this.#list));
    } else if (this.#depth === 1) {
      this.#list = undefined;
    } else if (this.#depth === 0) {
      if (!this.#hasList) found.push(this.#capture.end(at + 1, 'object'));
      this.#reset();
    }
  }

  /** Scans to the end of the text or of the chunk. Returns the index after it. */
  #scanText(chunk: Buffer, from: number, found: Scanned[]): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (byte === lineBreak) {
        this.#abandon(at, found);
        return at + 1;
      }
      if (this.#state === 'escape') this.#state = 'text';
      else if (byte === backslash) this.#state = 'escape';
      else if (byte === quote) {
        this.#state = 'object';
        if (this.#depth === 1 && this.#names.size < maxNames) this.#names.add(String.fromCharCode(...this.#text));
        return at + 1;
      } else if (this.#depth === 1 && this.#text.length <= maxNameBytes) this.#text.push(byte);
    }
    return chunk.length;
  }

  /** Ends a corrupt object at a line break within a text. */
  #abandon(at: number, found: Scanned[]): void {
    if (this.#capture.isActive) found.push(this.#capture.end(at, 'other'));
    this.#reset();
  }

  #reset(): void {
    this.#capture.drop();
    this.#state = 'between';
    this.#depth = 0;
    this.#list = undefined;
    this.#hasList = false;
  }
}

/** Returns whether a byte may separate objects: white space, or punctuation of a list around them. */
function isSeparator(byte: number): boolean {
  return byte <= 0x20 || byte === comma || byte === openBracket || byte === closeBracket;
}

/** The bytes of one piece, across chunks, without those over the size limit. */
class Capture {
  isActive = false;
  readonly #maxBytes: number;
  #chunk: Buffer = Buffer.alloc(0);
  /** Where the bytes begin in the chunk that are not stored yet. */
  #from = 0;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  enter(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#from = 0;
  }

  /** Stores the bytes up to the end of the chunk. */
  leave(): void {
    this.#store(this.#chunk.length);
  }

  begin(at: number): void {
    this.#from = at;
    this.isActive = true;
  }

  /** Ends the piece before an index, and returns it. */
  end(to: number, kind: 'object' | 'other'): Scanned;
  end(to: number, kind: 'element', list: string): Scanned;
  end(to: number, kind: 'object' | 'other' | 'element', list = ''): Scanned {
    this.#store(to);
    const isTooLong = this.#bytes > this.#maxBytes;
    const bytes = Buffer.concat(this.#parts);
    this.drop();
    if (isTooLong) return { kind: 'too long' };
    return kind === 'element' ? { kind, list, bytes } : { kind, bytes };
  }

  drop(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.isActive = false;
  }

  #store(to: number): void {
    if (!this.isActive) return;
    this.#bytes += to - this.#from;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    else this.#parts.push(this.#chunk.subarray(this.#from, to));
    this.#from = to;
  }
}
