import { cleanName, type DnsQuery, isQueryTime, plainAddress } from './dns-query.ts';

const fieldsLine = '#fields\t';

/** Reads lines of Zeek's dns.log with tabs (Zeek documentation, "dns.log"). The header names the fields. */
export class ZeekReader {
  #indexes: ReadonlyMap<string, number> | undefined;

  /** Whether a header was read. */
  get hasFields(): boolean {
    return this.#indexes !== undefined;
  }

  /** Reads a line that begins with `#`. */
  readHeader(line: string): void {
    if (!line.startsWith(fieldsLine)) return;
    this.#indexes = new Map(
      line
        .slice(fieldsLine.length)
        .split('\t')
        .map((name, index) => [name, index]),
    );
  }

  /** Parses a line after the header. @returns the query, or the problem of the line */
  read(line: string): DnsQuery | { readonly problem: string } {
    const values = line.split('\t');
    const textOf = (field: string) => values[this.#indexes?.get(field) ?? -1];
    const time = Math.floor(Number(textOf('ts') ?? Number.NaN));
    const host = plainAddress(textOf('id.orig_h') ?? '');
    const name = textOf('query');
    if (values.length !== this.#indexes?.size) return { problem: 'the number of values differs from that of #fields' };
    if (!isQueryTime(time)) return { problem: 'ts is invalid, expected epoch seconds' };
    if (host === undefined) return { problem: 'id.orig_h is invalid, expected an address' };
    if (name === undefined) return { problem: 'query is missing' };
    const answers = textOf('answers') ?? '';
    return {
      host,
      vpc: undefined,
      time,
      // Zeek writes - for a value that is missing.
      name: name === '-' ? '' : cleanName(name),
      addresses: answers.split(',').flatMap((answer) => plainAddress(answer) ?? []),
    };
  }
}
