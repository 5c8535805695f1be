import { createGunzip } from 'node:zlib';
import { isGzip } from '../../lambda/decode/envelopes/envelope.ts';

/**
 * Compressed bytes that are expanded at once. Deflate expands at most 1,032 times (zlib, "Technical Details"), so a
 * decompression bomb takes 16 MB of memory.
 */
const sliceBytes = 16 * 1024;

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
 * Expands gzip. Yields everything that can be expanded before it rejects: a failing Node stream drops its pending
 * output, so each slice is read out before the next is written.
 */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: 64 * 1024 });
  let expanded: Buffer[] = [];
  let failure: Error | undefined;
  let hasEnded = false;
  stream.on('data', (part) => expanded.push(part));
  stream.on('error', (error) => {
    failure = error;
  });
  stream.on('end', () => {
    hasEnded = true;
  });
  const completionOf = (work: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      const done = () => {
        stream.off('close', done);
        resolve();
      };
      stream.once('close', done);
      work(done);
    });
  const takeExpanded = () => {
    const parts = expanded;
    expanded = [];
    return parts;
  };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !failure && !hasEnded; at += sliceBytes) {
        await completionOf((done) => stream.write(chunk.subarray(at, at + sliceBytes), done));
        yield* takeExpanded();
      }
      if (failure || hasEnded) break;
    }
    if (!failure && !hasEnded) await completionOf((done) => stream.once('end', done).end());
    yield* takeExpanded();
  } finally {
    stream.destroy();
  }
  if (failure) throw new Error(reasonOf(failure));
}

function reasonOf(failure: NodeJS.ErrnoException): string {
  const state = failure.code === 'Z_BUF_ERROR' ? 'cut off' : `corrupt (${failure.message})`;
  return `its gzip is ${state}; the rest is missing, download the file again`;
}
