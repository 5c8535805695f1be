import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type FlowLogLines, flowLogLines } from './flow-log-lines.ts';

/** The content of a file, and its compression. */
export interface FlowLogFile extends FlowLogLines {
  /** Whether gzip compresses the file, with level 6 (default: false). */
  readonly isGzip?: boolean;
}

/**
 * Returns the path of such a file in the temporary folder. The file is written once and then reused, unless it has changed
 * since.
 */
export async function flowLogFile(wanted: FlowLogFile): Promise<string> {
  const { lines, pairs, format = 'default', isGzip = false } = wanted;
  const name = `${lines}-of-${pairs}${format === 'default' ? '' : `-${format}`}.log${isGzip ? '.gz' : ''}`;
  const path = join(tmpdir(), `flow-sentinel-bench-${name}`);
  const hashPath = `${path}.sha256`;
  if (existsSync(path) && existsSync(hashPath)) {
    const hash = await hashOf(path);
    if ((await textOf(hashPath)) === `${generator} ${hash}`) return path;
  }
  const unfinished = `${path}.${process.pid}`;
  const source = Readable.from(pieces(wanted));
  if (isGzip) await pipeline(source, createGzip({ level: 6 }), createWriteStream(unfinished));
  else await pipeline(source, createWriteStream(unfinished));
  const hash = await hashOf(unfinished);
  await rename(unfinished, path);
  await pipeline([`${generator} ${hash}`], createWriteStream(hashPath));
  return path;
}

/** The version of the generated lines: change it with them. */
const generator = 'lines-1';

function* pieces(wanted: FlowLogLines): Generator<string> {
  let piece: string[] = [];
  for (const line of flowLogLines(wanted)) {
    if (piece.push(line) < 5000) continue;
    yield `${piece.join('\n')}\n`;
    piece = [];
  }
  if (piece.length > 0) yield `${piece.join('\n')}\n`;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function textOf(path: string): Promise<string> {
  return (await createReadStream(path, 'utf8').toArray()).join('');
}
