import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../lambda/common/errors.ts';
import { isGzip } from '../../lambda/decode/envelopes/envelope.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { type DetectedFile, textChunks } from '../flow-files/detect-file.ts';
import { withoutByteOrderMark } from '../flow-files/detect-kind.ts';
import { byName, detectFiles, type OpenOptions, statedFormats } from '../flow-files/discover.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import type { StreamFormats } from '../flow-files/formats/common-format.ts';
import { mebibyte, tooLongText } from '../flow-files/formats/split-lines.ts';
import { maxLineBytes } from '../flow-files/formats/text-reader.ts';
import type { Problems } from '../flow-files/problems.ts';
import { FileReading } from '../flow-files/read-file.ts';
import { FlowCounts } from '../statistics/flow-counts.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { showProgress } from '../terminal/progress.ts';
import type { CountedParts, CountTask, WorkerMessage } from './count-worker.ts';
import { filePartsOf } from './file-chunk.ts';
import { LineCounter } from './line-counter.ts';
import { formatTexts, type LineFormats } from './line-formats.ts';
import { PairSums, type RankedPairs } from './pair-sums.ts';
import { type Counting, countRecord, DependentLine } from './slow-path.ts';
import { type CountedPart, countParts, type PartQueue, queueOf } from './worker-pool.ts';

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

/** A further thread is worth so many bytes at least: it takes some 50 ms to begin. */
const minBytesPerThread = 16 * mebibyte;

/** A file is cut into parts of this many bytes at least, and for each thread into this many parts at most. */
const minPartBytes = 4 * mebibyte;
const maxPartsPerThread = 64;

/**
 * Counts what flow log files say of pairs, and nothing else: no rule is judged, and the order of time does not matter, so
 * each file is read by itself, and a long one by several threads. The sums are those of a replay, and so are the times but
 * for one thing: a replay caps those that lie far after their batch's arrival (presentOf in lambda/counters/batch.ts), and a
 * count knows no batches.
 *
 * @throws InputError where a path or a format is wrong, or where no file can be read
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
  let sums = new PairSums();
  const bar = showProgress(
    'count',
    detected.reduce((sum, { file }) => sum + file.bytes, 0),
  );
  let bytes = 0;
  const files: ReadFile[] = [...unreadable];
  try {
    for (const one of detected) {
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

/** The counting of one file. */
class FileCounting {
  counts = new FlowCounts();
  sums = new PairSums();
  readonly #detected: DetectedFile;
  readonly #formats: Formats;
  readonly #options: FileCountingOptions;
  readonly #read: (bytes: number) => void;
  #problems: Problems;
  #inOrder: ReadFile | undefined;

  constructor(detected: DetectedFile, formats: Formats, options: FileCountingOptions, read: (bytes: number) => void) {
    this.#detected = detected;
    this.#formats = formats;
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
    if (content.kind !== 'flow log lines' || content.hasRecords) return this.#countInOrder(this.#read);
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
      [this.counts, this.sums] = [new FlowCounts(), new PairSums()];
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
        if (one.value.pairs) this.sums.addColumns(one.value.pairs);
      } else if (one.reason instanceof DependentLine) throw one.reason;
      else problem ??= messageOf(one.reason);
    }
    this.#merge(parts, problem);
  }

  async #countStream(counter: LineCounter, read: (bytes: number) => void): Promise<void> {
    try {
      for await (const chunk of textChunks(this.#detected.file, read)) {
        if (this.#options.signal.aborted) return;
        counter.add(chunk);
      }
      // Of a file whose rest cannot be read, the last line is not whole.
      counter.end();
    } finally {
      this.#merge([{ index: 0, problem: undefined, ...counter.take() }], undefined);
    }
  }

  /**
   * Adds up parts in the order in which they lie in the file, whoever counted them.
   *
   * @param problem why others are missing
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
    for (const bytes of countParts(queue, counter, parts)) {
      read(bytes);
      // Lets a signal come in between.
      await setImmediate();
      if (signal.aborted) break;
    }
    return { parts };
  }

  /** Counts records as a replay reads them, one after the other: what a line says may depend on those before it. */
  async #countInOrder(read: (bytes: number) => void): Promise<void> {
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
    return { monitoredNetworks: this.#options.monitoredNetworks, sums: this.sums, counts: this.counts };
  }
}

/** What a thread has counted, but for pairs that were summed already. */
type Counted = Pick<CountedParts, 'parts'> & Partial<Pick<CountedParts, 'pairs'>>;

/** Counts parts in a thread of its own. Rejects with a DependentLine, or when the thread breaks down. */
async function countInWorker(task: CountTask, read: (bytes: number) => void, signal: AbortSignal): Promise<Counted> {
  const worker = new Worker(new URL('./count-worker.js', import.meta.url), { workerData: task });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<Counted>((resolve, reject) => {
      worker.on('message', (said: WorkerMessage) => {
        if (typeof said === 'number') read(said);
        else if (said === 'dependent line') reject(new DependentLine());
        else resolve(said);
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        if (signal.aborted) resolve({ parts: [] });
        else reject(new Error('a thread that counted it ended early'));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
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
