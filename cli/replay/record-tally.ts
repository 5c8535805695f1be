import type { Network } from '../../lambda/core/address.ts';
import { decodedLine } from '../../lambda/core/decoded-line.ts';
import type { Format } from '../../lambda/core/format.ts';
import { readRecords } from '../../lambda/core/read-record.ts';
import { cut, printable } from '../../lambda/core/wording.ts';
import type { ErrorRecord } from '../../local/firehose.ts';
import type { SourceRecord } from '../../local/firehose-event.ts';
import type { ReportRecords } from '../report/report-data.ts';

/** So many kinds of reasons are told apart, and so much of a line is kept as an example. */
const maxReasons = 50;
const exampleLength = 200;

/** What is said of lines whose reason is one too many to be told apart. */
const otherReasons = 'other reasons';

/** A decoded line, as far as it is looked at: see core/decoded-line.ts. */
interface DecodedLine {
  readonly unreadable_line?: string;
  readonly unreadable_reason?: string;
  readonly log_status?: string | null;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly counted?: boolean;
}

/** Counts what the lines of records were, by what comes out of the stream. */
export class RecordTally {
  #flows = 0;
  #counted = 0;
  #noData = 0;
  #skipData = 0;
  #unreadable = 0;
  #givenUp = 0;
  readonly #reasons = new Map<string, { lines: number; readonly example: string }>();
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  readonly #formats: readonly Format[];
  readonly #monitoredNetworks: readonly Network[];

  constructor(formats: readonly Format[], monitoredNetworks: readonly Network[]) {
    this.#formats = formats;
    this.#monitoredNetworks = monitoredNetworks;
  }

  /** @param data decoded lines, each with its break */
  delivered(data: Buffer | string): void {
    for (const line of data.toString().split('\n')) if (line !== '') this.#add(JSON.parse(line) as DecodedLine);
  }

  /** Counts a record that came back: as what it holds where it was counted and only found no room in an answer. */
  failed({ errorCode, errorMessage }: ErrorRecord, { data }: SourceRecord): void {
    if (errorCode !== 'Lambda.ProcessingFailedStatus') {
      this.#givenUp += 1;
      this.#addUnreadable(`the batch was given up: ${errorMessage}`, data.toString('utf8', 0, 1000));
      return;
    }
    const record = { recordId: '', data: data.toString('base64'), arrival: undefined };
    const { outcome } = readRecords([record], this.#formats)[0]!;
    if (outcome.kind === 'failed') this.#addUnreadable(outcome.reason, data.toString('utf8', 0, 1000));
    if (outcome.kind !== 'lines') return;
    for (const line of outcome.lines) this.delivered(decodedLine(line, this.#monitoredNetworks));
  }

  /** Records of batches that were given up: of those, nobody knows what was counted. */
  get givenUp(): number {
    return this.#givenUp;
  }

  get records(): ReportRecords {
    const reasons = [...this.#reasons].map(([reason, { lines, example }]) => ({ reason, lines, example }));
    return {
      flows: this.#flows,
      counted: this.#counted,
      noData: this.#noData,
      skipData: this.#skipData,
      unreadable: this.#unreadable,
      reasons: reasons.sort((a, b) => b.lines - a.lines || (a.reason < b.reason ? -1 : 1)),
    };
  }

  /** From the earliest `start` to the latest `end` of a flow, in epoch seconds; undefined where there is none. */
  get period(): { readonly from: number; readonly to: number } | undefined {
    return this.#from <= this.#to ? { from: this.#from, to: this.#to } : undefined;
  }

  #add(line: DecodedLine): void {
    if (line.unreadable_line !== undefined) {
      this.#addUnreadable(line.unreadable_reason ?? '', line.unreadable_line);
    } else if (line.log_status === 'NODATA') this.#noData += 1;
    else if (line.log_status === 'SKIPDATA') this.#skipData += 1;
    else {
      this.#flows += 1;
      if (line.counted) this.#counted += 1;
      const end = secondsOf(line.end) ?? secondsOf(line.start);
      const start = secondsOf(line.start) ?? end;
      if (start !== undefined) this.#from = Math.min(this.#from, start);
      if (end !== undefined) this.#to = Math.max(this.#to, end);
    }
  }

  #addUnreadable(reason: string, text: string): void {
    this.#unreadable += 1;
    // What a reason quotes is the line's own and makes each another one.
    const kind = printable(reason.replace(/"(?:[^"\\]|\\.)*"/g, '"..."'));
    const known = this.#reasons.get(kind);
    const name = known || this.#reasons.size < maxReasons ? kind : otherReasons;
    const entry = this.#reasons.get(name) ?? { lines: 0, example: cut(printable(text), exampleLength) };
    entry.lines += 1;
    this.#reasons.set(name, entry);
  }
}

/** Old records have milliseconds, as core/flow.ts says. */
function secondsOf(time: number | null | undefined): number | undefined {
  if (time === null || time === undefined) return undefined;
  return time < 1e11 ? time : Math.floor(time / 1000);
}
