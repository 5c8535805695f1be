import type { TransformOptions } from 'node:stream';
import { createGunzip, type ZlibOptions } from 'node:zlib';
import { isGzip } from '../../lambda/decode/envelopes/envelope.ts';

/**
 * Compressed bytes that are expanded at once. Of corrupt gzip, a slice gives nothing, so a slice is at most an eighth of
 * what came before.
 */
const [minSliceBytes, maxSliceBytes] = [16 * 1024, 64 * 1024];

/** Expanded bytes in one piece: each piece takes a change of threads. */
const expandedBytes = 256 * 1024;

/** Pieces that wait for the reader. They take 4 MB of memory, also those of a decompression bomb. */
const maxPieces = 16;

/** Firehose compresses records a second time if its own compression is on. */
const maxLayers = 2;

/** Yields the bytes without gzip compression, if any; several gzip members give one stream. */
export async function* decompressed(chunks: AsyncIterable<Buffer>, layers = maxLayers): AsyncGenerator<Buffer> {
  const { head, all } = await splitHead(chunks, 2);
  yield* layers > 0 && isGzip(head) ? decompressed(gunzip(all), layers - 1) : all;
}

/** Returns the first bytes (fewer in a shorter stream, more if a chunk has more), and all bytes including these. */
export async function splitHead(
  chunks: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < bytes) {
    const { done, value } = await iterator.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return { head, all: concatenate(head, iterator) };
}

async function* concatenate(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/**
 * Expands gzip. Yields everything that can be expanded before it rejects: a failing Node stream drops its pending output,
 * so the stream has none. Each piece is taken at once, and the stream waits while many pieces wait for the reader.
 */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // A paused stream stops after one piece: its buffer is full with one byte.
  const options: ZlibOptions & TransformOptions = { chunkSize: expandedBytes, readableHighWaterMark: 1 };
  const stream = createGunzip(options);
  let expanded: Buffer[] = [];
  let failure: Error | undefined;
  let hasEnded = false;
  let isClosed = false;
  let written = 0;
  let wake = () => {};
  stream.on('data', (part) => {
    if (expanded.push(part) < maxPieces) return;
    stream.pause();
    wake();
  });
  stream.on('error', (error) => {
    failure = error;
  });
  stream.on('end', () => {
    hasEnded = true;
  });
  stream.on('close', () => {
    isClosed = true;
    wake();
  });
  async function* expandedBy(write: (done: () => void) => void): AsyncGenerator<Buffer> {
    let isDone = false;
    write(() => {
      isDone = true;
      wake();
    });
    while (!isDone && !isClosed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      const parts = expanded;
      expanded = [];
      yield* parts;
      stream.resume();
    }
  }
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !failure && !hasEnded; ) {
        const slice = chunk.subarray(at, at + Math.min(maxSliceBytes, Math.max(minSliceBytes, written / 8)));
        yield* expandedBy((done) => stream.write(slice, done));
        at += slice.length;
        written += slice.length;
      }
      if (failure || hasEnded) break;
    }
    if (!failure && !hasEnded) yield* expandedBy((done) => stream.once('end', done).end());
  } finally {
    stream.destroy();
  }
  if (failure) throw new Error(reasonOf(failure));
}

function reasonOf(failure: NodeJS.ErrnoException): string {
  const state = failure.code === 'Z_BUF_ERROR' ? 'cut off' : `corrupt (${failure.message})`;
  return `its gzip is ${state}; the rest is missing, download the file again`;
}
