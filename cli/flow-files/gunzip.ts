import { createGunzip } from 'node:zlib';
import { isGzip } from '../../lambda/decode/envelopes/envelope.ts';

/**
 * How many compressed bytes are expanded at once. Deflate expands to at most 1,032 times as much (zlib, "Technical
 * Details"), so that a bomb takes 16 MB of memory.
 */
const sliceBytes = 16 * 1024;

/** Gzip in gzip is what Firehose makes of compressed records when its own compression is on. */
const mostLayers = 2;

/** The bytes without their compression by gzip, if they have one: of several members, one stream. */
export async function* peeled(chunks: AsyncIterable<Buffer>, layers = mostLayers): AsyncGenerator<Buffer> {
  const { head, all } = await withHead(chunks, 2);
  yield* layers > 0 && isGzip(head) ? peeled(gunzipped(all), layers - 1) : all;
}

/** The first bytes, as many as asked for where there are as many, and all bytes again from the first on. */
export async function withHead(
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
  return { head, all: resumed(head, iterator) };
}

async function* resumed(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/**
 * Expands gzip. All that can be expanded comes out before it rejects: a stream of Node's that fails drops what it has not
 * handed over yet, so each slice is taken out before the next goes in.
 */
async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let expanded: Buffer[] = [];
  let failure: Error | undefined;
  let hasEnded = false;
  gunzip.on('data', (part) => expanded.push(part));
  gunzip.on('error', (error) => {
    failure = error;
  });
  gunzip.on('end', () => {
    hasEnded = true;
  });
  const settled = (work: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      const done = () => {
        gunzip.off('close', done);
        resolve();
      };
      gunzip.once('close', done);
      work(done);
    });
  const taken = () => {
    const parts = expanded;
    expanded = [];
    return parts;
  };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !failure && !hasEnded; at += sliceBytes) {
        await settled((done) => gunzip.write(chunk.subarray(at, at + sliceBytes), done));
        yield* taken();
      }
      if (failure || hasEnded) break;
    }
    if (!failure && !hasEnded) await settled((done) => gunzip.once('end', done).end());
    yield* taken();
  } finally {
    gunzip.destroy();
  }
  if (failure) throw new Error(reasonOf(failure));
}

function reasonOf(failure: NodeJS.ErrnoException): string {
  const what = failure.code === 'Z_BUF_ERROR' ? 'cut off' : `corrupt (${failure.message})`;
  return `its gzip is ${what}; what stands before that was read, fetch it again for the rest`;
}
