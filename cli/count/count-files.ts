import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../../lambda/common/errors.ts';
import { isGzip } from '../../lambda/decode/envelopes/envelope.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { type DetectedFile, textChunks } from '../flow-files/detect-file.ts';
import { withoutByteOrderMark } from '../flow-files/detect-kind.ts';
import { byName, detectFiles, type OpenOptions } from '../flow-files/discover.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import type { StreamFormats } from '../flow-files/formats/common-format.ts';
import { mebibyte, tooLongText } from '../flow-files/formats/split-lines.ts';
import { maxLineBytes } from '../flow-files/formats/text-reader.ts';
import type { Problems } from '../flow-files/problems.ts';
import { FileReading } from '../flow-files/read-file.ts';
import { statedFormats } from '../flow-files/stated-formats.ts';
import type { TimeRange } from '../flow-files/time-range.ts';
import type { Counting } from '../line-kernel/counting.ts';
import { DependentLine } from '../line-kernel/dependent-line.ts';
import { LineCounter } from '../line-kernel/line-counter.ts';
import { formatTexts, type LineFormats } from '../line-kernel/line-formats.ts';
import { PairSums, type RankedPairs } from '../line-kernel/pair-sums.ts';
import { FlowCounts } from '../statistics/flow-counts.ts';
import { showProgress } from '../terminal/progress.ts';
import type { CountedParts, CountTask, WorkerMessage } from './count-worker.ts';
import { filePartsOf } from './file-chunk.ts';
import { type CountedPart, countParts, type PartQueue, queueOf } from './worker-pool.ts';

export interface CountOptions extends OpenOptions {
  /** Reads the monitored networks; called only if a format has `flow-direction`, which isDuplicateObservation needs. */
  readonly monitoredNetworks: () => Promise<readonly Network[]>;
  /** Upper bound of threads. */
  readonly threads: number;
  /** Limits the flows by their end (default: all flows). */
  readonly range?: TimeRange | undefined;
  readonly signal: AbortSignal;
}

/** The counts of all files. */
export interface CountedFiles {
  /** Sorted by name. */
  readonly files: readonly ReadFile[];
  readonly counts: FlowCounts;
  readonly pairs: RankedPairs;
  /** Whether a format has `flow-direction`, so that the monitored networks decide which flows count. */
  readonly hasDirection: boolean;
  readonly isInterrupted: boolean;
}

/** Bytes of a file for which a further thread pays off; a thread takes about 50 ms to start. */
const minBytesPerThread = 16 * mebibyte;

/** Bytes that are counted between two looks at signals: some ten milliseconds of work. */
const bytesBetweenSignals = 4 * mebibyte;

/** Limits of the parts of a file: a lower bound of their size, and an upper bound of their number for each thread. */
const minPartBytes = 4 * mebibyte;
const maxPartsPerThread = 64;

/**
 * Counts the pairs of flow log files, without rules. The order of time does not matter, so each file is read separately,
 * and a long file by several threads. Sums and times are those of a replay, with one exception: a replay ignores times far
 * after the arrival (lambda/aggregate/plausible-time.ts), and a count has no arrivals.
 *
 * @throws InputError if a path or a format is invalid, or no file can be read
 */
export async function countFiles(paths: readonly string[], options: CountOptions): Promise<CountedFiles> {
  const { plain, detected, unreadable } = await detectFiles(paths, options);
  const stream = statedFormats(
    detected.flatMap(({ content }) => content ?? []),
    plain,
  );
  const hasDirection = stream.formats.some(({ indexOf }) => indexOf.has('flow-direction'));
  const monitoredNetworks = hasDirection ? await options.monitoredNetworks() : [];
  const counts = new FlowCounts();
  let sums: PairSums | undefined;
  // The table of the current file, which it may have to count again.
  const ofFile = new PairSums();
  const bar = showProgress(
    'count',
    detected.reduce((sum, { file }) => sum + file.bytes, 0),
  );
  let bytes = 0;
  const files: ReadFile[] = [...unreadable];
  try {
    for (const one of detected) {
      const file = new FileCounting(one, { plain, stream }, ofFile, { ...options, monitoredNetworks }, (further) => {
        bytes += further;
        bar.update(bytes);
      });
      if (!options.signal.aborted) await file.count();
      counts.add(file.counts.columns());
      files.push(file.state);
      if (detected.length === 1) break;
      sums ??= new PairSums();
      sums.addEntries(ofFile.entries());
      ofFile.clear();
    }
  } finally {
    bar.end();
  }
  const pairs = (sums ?? ofFile).ranked();
  return { files: files.sort(byName), counts, pairs, hasDirection, isInterrupted: options.signal.aborted };
}

/** The formats of lines without a header, and of all files. */
interface Formats {
  readonly plain: readonly Format[];
  readonly stream: StreamFormats;
}

interface FileCountingOptions extends Pick<CountOptions, 'threads' | 'range' | 'signal'> {
  readonly monitoredNetworks: readonly Network[];
}

/** The counting of one file. */
class FileCounting {
  counts = new FlowCounts();
  readonly sums: PairSums;
  readonly #detected: DetectedFile;
  readonly #formats: Formats;
  readonly #options: FileCountingOptions;
  readonly #read: (bytes: number) => void;
  #problems: Problems;
  #inOrder: ReadFile | undefined;

  /** @param sums an empty table for the pairs of the file */
  constructor(
    detected: DetectedFile,
    formats: Formats,
    sums: PairSums,
    options: FileCountingOptions,
    read: (bytes: number) => void,
  ) {
    this.#detected = detected;
    this.#formats = formats;
    this.sums = sums;
    this.#options = options;
    this.#read = read;
    this.#problems = detected.problems.copy();
  }

  get state(): ReadFile {
    if (this.#inOrder) return this.#inOrder;
    const { file, content } = this.#detected;
    const { name, bytes } = file;
    return { name, kind: content?.kind, bytes, records: this.counts.recordCount, problem: this.#problems.text };
  }

  async count(): Promise<void> {
    const { content } = this.#detected;
    if (!content) return;
    const isOfLines = content.kind === 'flow log lines' && !content.hasRecords;
    if (!isOfLines || content.unknownFields?.length) return this.#countInOrder(this.#read);
    const { plain, stream } = this.#formats;
    let bytes = 0;
    const read = (further: number) => {
      bytes += further;
      this.#read(further);
    };
    try {
      await this.#countLines({ own: content.header ? [content.header] : plain, stream }, read);
    } catch (error) {
      if (!(error instanceof DependentLine)) {
        this.#problems.add(messageOf(error));
        return;
      }
      this.#read(-bytes);
      this.counts = new FlowCounts();
      this.sums.clear();
      await this.#countInOrder(this.#read);
    }
  }

  async #countLines(formats: LineFormats, read: (bytes: number) => void): Promise<void> {
    const { file } = this.#detected;
    const counter = new LineCounter(formats, this.#counting);
    const head = file.path === undefined ? undefined : headOf(file.path);
    if (!head || isGzip(head)) return this.#countStream(counter, read);
    const { threads } = this.#options;
    const count = Math.max(1, Math.min(threads, Math.floor(file.bytes / minBytesPerThread)));
    const cuts = count === 1 ? 1 : Math.min(count * maxPartsPerThread, Math.floor(file.bytes / minPartBytes));
    const queue = queueOf(filePartsOf(file.path!, file.bytes, cuts, head.length - withoutByteOrderMark(head).length));
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    const stopping = (error: unknown) => {
      if (error instanceof DependentLine) stop.abort();
      throw error;
    };
    const task: CountTask = {
      queue,
      formats: formatTexts(formats),
      monitoredNetworks: this.#options.monitoredNetworks,
      range: this.#options.range,
    };
    const settled = await Promise.allSettled([
      ...Array.from({ length: count - 1 }, () => countInWorker(task, read, signal).catch(stopping)),
      this.#countHere(queue, counter, read, signal).catch(stopping),
    ]);
    const parts: CountedPart[] = [];
    let problem: string | undefined;
    for (const one of settled) {
      if (one.status === 'fulfilled') {
        parts.push(...one.value.parts);
        if (one.value.pairs) this.sums.addEntries(one.value.pairs);
      } else if (one.reason instanceof DependentLine) throw one.reason;
      else problem ??= messageOf(one.reason);
    }
    this.#merge(parts, problem);
  }

  async #countStream(counter: LineCounter, read: (bytes: number) => void): Promise<void> {
    try {
      for await (const chunk of textChunks(this.#detected.file, read)) {
        if (this.#options.signal.aborted) return;
        await counter.add(chunk);
      }
      // Not reached if the rest of the file cannot be read: then the last line is incomplete.
      await counter.end();
    } finally {
      this.#merge([{ index: 0, problem: undefined, ...counter.take() }], undefined);
    }
  }

  /**
   * Adds the counts of parts in the order of the file, so that line numbers and problems are deterministic.
   *
   * @param problem why other parts are missing
   */
  #merge(parts: readonly CountedPart[], problem: string | undefined): void {
    let before: number | undefined = 0;
    let first = problem;
    let next = 0;
    for (const part of parts.toSorted((a, b) => a.index - b.index)) {
      if (part.index !== next) before = undefined;
      this.counts.add(part.counts);
      for (const line of part.tooLong) {
        this.#problems.add(tooLongText(before === undefined ? undefined : before + line, maxLineBytes));
      }
      before = before === undefined || part.problem !== undefined ? undefined : before + part.lines;
      next = part.index + 1;
      first ??= part.problem;
    }
    if (first !== undefined) this.#problems.add(first);
  }

  async #countHere(
    queue: PartQueue,
    counter: LineCounter,
    read: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<Counted> {
    const parts: CountedPart[] = [];
    let unseen = 0;
    for await (const bytes of countParts(queue, counter, parts)) {
      read(bytes);
      unseen += bytes;
      if (unseen < bytesBetweenSignals) continue;
      unseen = 0;
      // Gives a signal the chance to fire.
      await setImmediate();
      if (signal.aborted) break;
    }
    return { parts };
  }

  /** Counts records in order, as a replay reads them, because the meaning of a line may depend on the lines before it. */
  async #countInOrder(read: (bytes: number) => void): Promise<void> {
    const { countRecord } = await import('../line-kernel/slow-path.ts');
    const reading = new FileReading(this.#detected);
    const { plain, stream } = this.#formats;
    const sorted = reading.start({ plain, ...stream }, read);
    const batches = sorted?.open();
    for (let next = await batches?.next(); next && !next.done; next = await batches!.next()) {
      for (const { data, arrival } of next.value) {
        sorted!.countRecord();
        countRecord(data, Math.floor(arrival / 1000), stream.formats, this.#counting);
      }
      if (this.#options.signal.aborted) break;
    }
    await batches?.return?.();
    this.#inOrder = reading.state;
  }

  get #counting(): Counting {
    const { monitoredNetworks, range } = this.#options;
    return { monitoredNetworks, range, sums: this.sums, counts: this.counts };
  }
}

/** The result of a thread; without pairs if they are summed already. */
type Counted = Pick<CountedParts, 'parts'> & Partial<Pick<CountedParts, 'pairs'>>;

/** Counts parts in a worker thread. Rejects with a DependentLine, or if the thread fails. */
async function countInWorker(task: CountTask, read: (bytes: number) => void, signal: AbortSignal): Promise<Counted> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(new URL('./count-worker.js', import.meta.url), { workerData: task });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<Counted>((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        if (typeof message === 'number') read(message);
        else if (message === 'dependent line') reject(new DependentLine());
        else resolve(message);
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        if (signal.aborted) resolve({ parts: [] });
        else reject(new Error('a thread that counted the file ended early'));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Reads the first bytes of a file, which show compression and a byte order mark. */
function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(3);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
