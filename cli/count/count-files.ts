import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Network } from '../../lambda/core/address.ts';
import type { Format } from '../../lambda/core/format.ts';
import { isGzip } from '../../lambda/envelopes/envelope.ts';
import { messageOf } from '../../lambda/errors.ts';
import { FileReading } from '../flow-files/file-reading.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { mebibyte } from '../flow-files/lines.ts';
import { type Looked, textChunks } from '../flow-files/look-at.ts';
import { byName, lookAtFiles, type OpenOptions, statedFormats } from '../flow-files/look-at-files.ts';
import type { Problems } from '../flow-files/problems.ts';
import { busiestFirst, type PairCounter } from '../pair-counter.ts';
import { showProgress } from '../progress.ts';
import { countRecord } from './count-record.ts';
import type { CountedPart, CountTask } from './count-worker.ts';
import { chunksOf, type FilePart, filePartsOf } from './file-part.ts';
import { FlowCounts } from './flow-counts.ts';
import { LineCounter } from './line-counter.ts';
import { PairSums } from './pair-sums.ts';

export interface CountOptions extends OpenOptions {
  readonly monitoredNetworks: readonly Network[];
  /** How many threads may count at once. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** What was counted of files. */
export interface CountedFiles {
  /** By name. */
  readonly files: readonly ReadFile[];
  readonly counts: FlowCounts;
  /** The busiest first. */
  readonly pairs: readonly PairCounter[];
  readonly isInterrupted: boolean;
}

/** A file is cut into parts of this many bytes at least: a thread takes some 50 ms to begin. */
const leastPart = 16 * mebibyte;

/**
 * Counts what flow log files say of pairs, and nothing else: no rule is judged, and the order of time does not matter, so
 * each file is read by itself, and a long one by several threads. The sums are those of a replay.
 *
 * @throws InputError where a path or a format is wrong, or where no file can be read
 */
export async function countFiles(paths: readonly string[], options: CountOptions): Promise<CountedFiles> {
  const { plain, looked, unread } = await lookAtFiles(paths, options);
  const [sums, counts] = [new PairSums(), new FlowCounts()];
  const bar = showProgress(
    'count',
    looked.reduce((sum, { file }) => sum + file.bytes, 0),
  );
  let bytes = 0;
  const files: ReadFile[] = [...unread];
  try {
    for (const one of looked) {
      const file = new FileCounting(one, plain, options, sums, (further) => {
        bytes += further;
        bar.update(bytes);
      });
      if (!options.signal.aborted) await file.count();
      counts.add(file.counts.columns());
      files.push(file.state);
    }
  } finally {
    bar.end();
  }
  const pairs = [...sums.sums()].sort(busiestFirst);
  return { files: files.sort(byName), counts, pairs, isInterrupted: options.signal.aborted };
}

/** The counting of one file. */
class FileCounting {
  readonly counts = new FlowCounts();
  readonly #looked: Looked;
  readonly #plain: readonly Format[];
  readonly #options: CountOptions;
  readonly #sums: PairSums;
  readonly #read: (bytes: number) => void;
  readonly #problems: Problems;
  #records: number | undefined;

  constructor(
    looked: Looked,
    plain: readonly Format[],
    options: CountOptions,
    sums: PairSums,
    read: (bytes: number) => void,
  ) {
    this.#looked = looked;
    this.#plain = plain;
    this.#options = options;
    this.#sums = sums;
    this.#read = read;
    this.#problems = looked.problems.copy();
  }

  get state(): ReadFile {
    const { file, look } = this.#looked;
    const records = this.#records ?? this.counts.lines;
    return { name: file.name, kind: look?.kind, bytes: file.bytes, records, problem: this.#problems.text };
  }

  async count(): Promise<void> {
    const { look } = this.#looked;
    if (!look) return;
    const { formats, common } = statedFormats([look], this.#plain);
    if (look.kind !== 'flow log lines' || common) return this.#countRecords();
    try {
      await this.#countLines(formats.length > 0 ? formats : this.#plain);
    } catch (error) {
      this.#problems.add(messageOf(error));
    }
  }

  async #countLines(formats: readonly Format[]): Promise<void> {
    const { file } = this.#looked;
    const counter = new LineCounter(formats, this.#counting, (text) => this.#problems.add(text));
    if (file.path === undefined || beginsAsGzip(file.path)) {
      for await (const chunk of textChunks(file, this.#read)) {
        if (this.#options.signal.aborted) return;
        counter.add(chunk);
      }
    } else {
      const count = Math.max(1, Math.min(this.#options.threads, Math.floor(file.bytes / leastPart)));
      const [own, ...others] = filePartsOf(file.path, file.bytes, count);
      const elsewhere = others.map((part) => this.#countElsewhere(part, formats));
      await this.#countHere(own!, counter);
      await Promise.all(elsewhere);
    }
    // Of a file whose rest cannot be read, the last line is not whole.
    counter.end();
  }

  async #countHere(part: FilePart, counter: LineCounter): Promise<void> {
    for (const chunk of chunksOf(part)) {
      counter.add(chunk);
      this.#read(chunk.length);
      // Lets a signal come in between.
      await setImmediate();
      if (this.#options.signal.aborted) return;
    }
  }

  /** Counts a part in a thread of its own. */
  async #countElsewhere(part: FilePart, formats: readonly Format[]): Promise<void> {
    const { monitoredNetworks, signal } = this.#options;
    const task: CountTask = { part, formats: formats.map(({ names }) => names.join(' ')), monitoredNetworks };
    const worker = new Worker(new URL('./count-worker.ts', import.meta.url), { workerData: task });
    const stop = () => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        worker.on('message', (message: number | CountedPart) => {
          if (typeof message === 'number') return this.#read(message);
          this.counts.add(message.counts);
          this.#sums.addColumns(message.pairs);
          for (const problem of message.problems) this.#problems.add(problem);
        });
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Counts the records of a file that holds other than plain lines. */
  async #countRecords(): Promise<void> {
    const reading = new FileReading(this.#looked);
    const stream = statedFormats([this.#looked.look!], this.#plain);
    const sorted = reading.start({ plain: this.#plain, ...stream }, this.#read);
    const batches = sorted?.open();
    for (let next = await batches?.next(); next && !next.done; next = await batches!.next()) {
      for (const { data, arrival } of next.value) {
        sorted!.taken();
        countRecord(data, Math.floor(arrival / 1000), stream.formats, this.#counting);
      }
      if (this.#options.signal.aborted) break;
    }
    await batches?.return?.();
    const { records, problem } = reading.state;
    this.#records = records;
    if (problem !== undefined && problem !== this.#problems.text) this.#problems.add(problem);
  }

  get #counting() {
    return { monitoredNetworks: this.#options.monitoredNetworks, sums: this.#sums, counts: this.counts };
  }
}

function beginsAsGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(2);
    readSync(file, head, 0, 2, 0);
    return isGzip(head);
  } finally {
    closeSync(file);
  }
}
