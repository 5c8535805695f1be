/** A simple command of a shell script: words without quotes. `$name` and `$(...)` stay as they are written. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** Whether the standard output goes into a file or into another command. */
  readonly isCaptured: boolean;
  /** Files that the command writes by `>`. */
  readonly writes: readonly string[];
}

const keywords = /^(?:then|do|else|if|while|until|time|!|\{|\}|done|fi|\w+=.*)$/s;

/**
 * Returns the simple commands of a script, also those in `$(...)`, without keywords and assignments before them.
 *
 * @throws Error for a quote or a parenthesis without its end
 */
export function shellCommands(script: string): ShellCommand[] {
  return new ShellScanner(script).list(undefined);
}

class ShellScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads commands to the end of the script, or to the parenthesis that closes `$(`. */
  list(close: ')' | undefined): ShellCommand[] {
    const found: ShellCommand[] = [];
    let words: string[] = [];
    let writes: string[] = [];
    let word: string | undefined;
    let redirection: string | undefined;
    let depth = 0;
    const endWord = () => {
      if (word !== undefined && redirection === undefined) words.push(word);
      if (word !== undefined && redirection === '>' && !word.startsWith('&')) writes.push(word);
      if (word !== undefined) redirection = undefined;
      word = undefined;
    };
    const endCommand = (isPiped = false) => {
      endWord();
      while (keywords.test(words[0] ?? '')) words.shift();
      if (words.length > 0) found.push({ words, isCaptured: isPiped || writes.length > 0, writes });
      [words, writes] = [[], []];
    };
    for (let next = this.#text[this.#at]; next !== undefined; next = this.#text[this.#at]) {
      if (next === ')' && close && depth === 0) {
        this.#at += 1;
        endCommand();
        return found;
      }
      if (next === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2;
      else if (/[ \t]/.test(next)) {
        endWord();
        this.#at += 1;
      } else if (next === '#' && word === undefined) this.#skipComment();
      else if (next === '\n' || next === ';' || next === '&' || next === '|') {
        const isAnd = this.#text[this.#at + 1] === next;
        // `2>&1` names a descriptor.
        if (next === '&' && redirection !== undefined) {
          word = '&';
          this.#at += 1;
          continue;
        }
        this.#at += isAnd && next !== '\n' ? 2 : 1;
        endCommand(next === '|' && !isAnd);
      } else if (next === '(' || next === ')') {
        depth += next === '(' ? 1 : -1;
        this.#at += 1;
        endCommand();
      } else if (next === '<' || next === '>') {
        const isDescriptor = /^\d$/.test(word ?? '');
        const isError = isDescriptor && word !== '1';
        if (isDescriptor) word = undefined;
        endWord();
        redirection = next === '>' && !isError ? '>' : '<';
        while (this.#text[this.#at] === next) this.#at += 1;
      } else word = (word ?? '') + this.#part(next, found);
    }
    if (close) throw new Error('$( has no end');
    endCommand();
    return found;
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** Reads a quoted text, a substitution or one character. Commands of substitutions are added to `found`. */
  #part(next: string, found: ShellCommand[]): string {
    if (next === "'") return this.#until("'");
    if (next === '"') return this.#doubleQuoted(found);
    if (next === '\\') {
      this.#at += 2;
      return this.#text[this.#at - 1] ?? '';
    }
    if (this.#text.startsWith('$(', this.#at)) return this.#substitution(found);
    if (this.#text.startsWith('${', this.#at)) return `$${this.#until('}')}}`;
    this.#at += 1;
    return next;
  }

  #until(end: string): string {
    const at = this.#text.indexOf(end, this.#at + 1);
    if (at < 0) throw new Error(`${end} is missing after ${this.#text.slice(this.#at, this.#at + 40)}`);
    const text = this.#text.slice(this.#at + 1, at);
    this.#at = at + 1;
    return text;
  }

  #substitution(found: ShellCommand[]): string {
    const from = this.#at;
    this.#at += 2;
    // A command in $(...) is captured.
    found.push(...this.list(')').map((command) => ({ ...command, isCaptured: true })));
    return this.#text.slice(from, this.#at);
  }

  #doubleQuoted(found: ShellCommand[]): string {
    let text = '';
    this.#at += 1;
    for (let next = this.#text[this.#at]; next !== '"'; next = this.#text[this.#at]) {
      if (next === undefined) throw new Error('a double quote has no end');
      if (next === "'") {
        text += next;
        this.#at += 1;
      } else text += this.#part(next, found);
    }
    this.#at += 1;
    return text;
  }
}
