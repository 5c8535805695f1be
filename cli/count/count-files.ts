import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Network } from '../../lambda/core/address.ts';
import type { Format } from '../../lambda/core/format.ts';
import { isGzip } from '../../lambda/envelopes/envelope.ts';
import { messageOf } from '../../lambda/errors.ts';
import type { StreamFormats } from '../flow-files/common-format.ts';
import { withoutMark } from '../flow-files/file-kind.ts';
import { FileReading } from '../flow-files/file-reading.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { maxLineBytes } from '../flow-files/line-reader.ts';
import { mebibyte, tooLongText } from '../flow-files/lines.ts';
import { type Looked, textChunks } from '../flow-files/look-at.ts';
import { byName, lookAtFiles, type OpenOptions, statedFormats } from '../flow-files/look-at-files.ts';
import type { Problems } from '../flow-files/problems.ts';
import type { PairCounter } from '../pair-counter.ts';
import { showProgress } from '../progress.ts';
import { FlowCounts } from '../report/flow-counts.ts';
import { type Counting, countRecord, DependentLine } from './count-record.ts';
import type { CountedPart, CountTask, Said } from './count-worker.ts';
import { chunksOf, type FilePart, filePartsOf } from './file-part.ts';
import { LineCounter } from './line-counter.ts';
import { formatTexts, type LineFormats } from './line-formats.ts';
import { PairSums, type RankedPairs } from './pair-sums.ts';

export interface CountOptions extends OpenOptions {
  /** Are asked for where a format has `flow-direction`: without it, they have no part in what is counted (isSecondSighting). */
  readonly monitoredNetworks: () => Promise<readonly Network[]>;
  /** How many threads may count at once. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** What was counted of files. */
export interface CountedFiles {
  /** By name. */
  readonly files: readonly ReadFile[];
  readonly counts: FlowCounts;
  readonly pairs: RankedPairs;
  /** What was counted of all pairs together. */
  readonly total: Pick<PairCounter, 'bytes' | 'rejects'>;
  readonly isInterrupted: boolean;
}

/** A file is cut into parts of this many bytes at least: a thread takes some 50 ms to begin. */
const leastPart = 16 * mebibyte;

/**
 * Counts what flow log files say of pairs, and nothing else: no rule is judged, and the order of time does not matter, so
 * each file is read by itself, and a long one by several threads. The sums are those of a replay, and so are the times but
 * for one thing: a replay caps those that lie far after their batch's arrival (presentOf in lambda/core/batch.ts), and a
 * count knows no batches.
 *
 * @throws InputError where a path or a format is wrong, or where no file can be read
 */
export async function countFiles(paths: readonly string[], options: CountOptions): Promise<CountedFiles> {
  const { plain, looked, unread } = await lookAtFiles(paths, options);
  const stream = statedFormats(
    looked.flatMap(({ look }) => look ?? []),
    plain,
  );
  const hasDirection = stream.formats.some(({ indexOf }) => indexOf.has('flow-direction'));
  const monitoredNetworks = hasDirection ? await options.monitoredNetworks() : [];
  const counts = new FlowCounts();
  let sums = new PairSums();
  const bar = showProgress(
    'count',
    looked.reduce((sum, { file }) => sum + file.bytes, 0),
  );
  let bytes = 0;
  const files: ReadFile[] = [...unread];
  try {
    for (const one of looked) {
      const file = new FileCounting(one, { plain, stream }, { ...options, monitoredNetworks }, (further) => {
        bytes += further;
        bar.update(bytes);
      });
      if (!options.signal.aborted) await file.count();
      counts.add(file.counts.columns());
      if (sums.size > 0) sums.addColumns(file.sums.columns());
      else sums = file.sums;
      files.push(file.state);
    }
  } finally {
    bar.end();
  }
  const [pairs, total] = [sums.ranked(), sums.total()];
  return { files: files.sort(byName), counts, pairs, total, isInterrupted: options.signal.aborted };
}

/** The formats of lines without a header, and those of all files together. */
interface Formats {
  readonly plain: readonly Format[];
  readonly stream: StreamFormats;
}

interface FileCountingOptions extends Pick<CountOptions, 'threads' | 'signal'> {
  readonly monitoredNetworks: readonly Network[];
}

/** What was counted of a part of a file: nothing where its thread broke down, or was stopped. */
type Part = Pick<CountedPart, 'lines' | 'tooLong' | 'problem'> & Partial<Pick<CountedPart, 'counts' | 'pairs'>>;

/** The counting of one file. */
class FileCounting {
  counts = new FlowCounts();
  sums = new PairSums();
  readonly #looked: Looked;
  readonly #formats: Formats;
  readonly #options: FileCountingOptions;
  readonly #read: (bytes: number) => void;
  #problems: Problems;
  #inOrder: ReadFile | undefined;

  constructor(looked: Looked, formats: Formats, options: FileCountingOptions, read: (bytes: number) => void) {
    this.#looked = looked;
    this.#formats = formats;
    this.#options = options;
    this.#read = read;
    this.#problems = looked.problems.copy();
  }

  get state(): ReadFile {
    if (this.#inOrder) return this.#inOrder;
    const { file, look } = this.#looked;
    const { name, bytes } = file;
    return { name, kind: look?.kind, bytes, records: this.counts.recordCount, problem: this.#problems.text };
  }

  async count(): Promise<void> {
    const { look } = this.#looked;
    if (!look) return;
    if (look.kind !== 'flow log lines' || look.hasRecords) return this.#countInOrder(this.#read);
    const { plain, stream } = this.#formats;
    let bytes = 0;
    const read = (further: number) => {
      bytes += further;
      this.#read(further);
    };
    try {
      await this.#countLines({ own: look.header ? [look.header] : plain, stream }, read);
    } catch (error) {
      if (!(error instanceof DependentLine)) {
        this.#problems.add(messageOf(error));
        return;
      }
      this.#read(-bytes);
      [this.counts, this.sums] = [new FlowCounts(), new PairSums()];
      await this.#countInOrder(this.#read);
    }
  }

  async #countLines(formats: LineFormats, read: (bytes: number) => void): Promise<void> {
    const { file } = this.#looked;
    const counter = new LineCounter(formats, this.#counting);
    const head = file.path === undefined ? undefined : headOf(file.path);
    if (!head || isGzip(head)) {
      try {
        for await (const chunk of textChunks(file, read)) {
          if (this.#options.signal.aborted) return;
          counter.add(chunk);
        }
        // Of a file whose rest cannot be read, the last line is not whole.
        counter.end();
      } finally {
        this.#tellTooLong(counter.tooLong, 0);
      }
      return;
    }
    const count = Math.max(1, Math.min(this.#options.threads, Math.floor(file.bytes / leastPart)));
    const [own, ...others] = filePartsOf(file.path!, file.bytes, count, head.length - withoutMark(head).length);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    const stopping = (error: unknown) => {
      if (error instanceof DependentLine) stop.abort();
      throw error;
    };
    const counting = [
      ...others.map((part) => this.#countElsewhere(part, formats, read, signal).catch(stopping)),
      this.#countHere(own!, counter, read, signal).catch(stopping),
    ];
    const settled = await Promise.allSettled(counting);
    const failed = settled.find((one) => one.status === 'rejected' && one.reason instanceof DependentLine);
    if (failed) throw new DependentLine();
    const parts = settled.map((one): Part => (one.status === 'fulfilled' ? one.value : broken(messageOf(one.reason))));
    this.#merge([parts.at(-1)!, ...parts.slice(0, -1)]);
  }

  /** Adds up parts in the order in which they lie in the file, whichever was done first. */
  #merge(parts: readonly Part[]): void {
    let before: number | undefined = 0;
    for (const { counts, pairs, lines, tooLong, problem } of parts) {
      if (counts) this.counts.add(counts);
      if (pairs) this.sums.addColumns(pairs);
      this.#tellTooLong(tooLong, before);
      before = before === undefined || problem !== undefined ? undefined : before + lines;
    }
    const problem = parts.find((part) => part.problem !== undefined)?.problem;
    if (problem !== undefined) this.#problems.add(problem);
  }

  /** @param before how many lines there were before; undefined where that is not known */
  #tellTooLong(lines: readonly number[], before: number | undefined): void {
    for (const line of lines) {
      this.#problems.add(tooLongText(before === undefined ? undefined : before + line, maxLineBytes));
    }
  }

  async #countHere(
    part: FilePart,
    counter: LineCounter,
    read: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<Part> {
    const { tooLong } = counter;
    try {
      for (const chunk of chunksOf(part)) {
        counter.add(chunk);
        read(chunk.length);
        // Lets a signal come in between.
        await setImmediate();
        if (signal.aborted) return { lines: counter.lines, tooLong, problem: undefined };
      }
      counter.end();
    } catch (error) {
      if (error instanceof DependentLine) throw error;
      return { lines: counter.lines, tooLong, problem: messageOf(error) };
    }
    return { lines: counter.lines, tooLong, problem: undefined };
  }

  /** Counts a part in a thread of its own. Rejects with a DependentLine, or when the thread breaks down. */
  async #countElsewhere(
    part: FilePart,
    formats: LineFormats,
    read: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<Part> {
    const { monitoredNetworks } = this.#options;
    const task: CountTask = { part, formats: formatTexts(formats), monitoredNetworks };
    const worker = new Worker(new URL('./count-worker.js', import.meta.url), { workerData: task });
    const stop = () => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<Part>((resolve, reject) => {
        worker.on('message', (said: Said) => {
          if (typeof said === 'number') read(said);
          else if (said === 'dependent line') reject(new DependentLine());
          else resolve(said);
        });
        worker.once('error', reject);
        worker.once('exit', () => resolve(broken(signal.aborted ? undefined : 'a thread that counted it ended early')));
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Counts records as a replay reads them, one after the other: what a line says may depend on those before it. */
  async #countInOrder(read: (bytes: number) => void): Promise<void> {
    const reading = new FileReading(this.#looked);
    const { plain, stream } = this.#formats;
    const sorted = reading.start({ plain, ...stream }, read);
    const batches = sorted?.open();
    for (let next = await batches?.next(); next && !next.done; next = await batches!.next()) {
      for (const { data, arrival } of next.value) {
        sorted!.taken();
        countRecord(data, Math.floor(arrival / 1000), stream.formats, this.#counting);
      }
      if (this.#options.signal.aborted) break;
    }
    await batches?.return?.();
    this.#inOrder = reading.state;
  }

  get #counting(): Counting {
    return { monitoredNetworks: this.#options.monitoredNetworks, sums: this.sums, counts: this.counts };
  }
}

function broken(problem: string | undefined): Part {
  return { lines: 0, tooLong: [], problem };
}

/** The first bytes of a file, which tell compression and a byte order mark. */
function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(3);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
