import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { seededRandom } from '../../events/scenarios/random.ts';

/** The content of a file of flow log lines. */
export interface FlowLogFile {
  readonly lines: number;
  /** The number of pairs; a few of them have most of the lines. */
  readonly pairs: number;
}

const interfaces = 50;
const ports = [443, 80, 22, 53, 5432];
/** 2026-11-24 00:00 UTC, the end of the day of the lines. */
const dayEnd = 1_795_478_400;

/**
 * Generates a day of lines in the default format of VPC Flow Logs, in order of time; the same lines each time. The cube of a
 * random number selects the pair, so that an eighth of the pairs have half of the lines. A tenth of the lines are rejects.
 */
export function* flowLogLines({ lines, pairs }: FlowLogFile): Generator<string> {
  const { below, between, pick } = seededRandom(1);
  const address = (host: number) => `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
  const endpointPairs = Array.from({ length: pairs }, () => {
    const destination = below(2) === 0 ? address(below(1 << 20)) : `198.${between(18, 19)}.${below(256)}.${below(256)}`;
    return `${address(below(1 << 20))} ${destination}`;
  });
  for (let line = 0; line < lines; line += 1) {
    const pair = endpointPairs[Math.floor((below(2 ** 31) / 2 ** 31) ** 3 * pairs)]!;
    const end = dayEnd - 86_400 + Math.floor((line / lines) * 86_400);
    const packets = between(1, 200);
    const eni = `eni-${(line % interfaces).toString(16).padStart(17, '0')}`;
    const [protocol, action] = [below(5) === 0 ? 17 : 6, below(10) === 0 ? 'REJECT' : 'ACCEPT'];
    const sent = packets * between(40, 1440);
    yield `2 123456789012 ${eni} ${pair} ${between(1024, 65_535)} ${pick(ports)} ${protocol} ${packets} ${sent} ${end - 60} ${end} ${action} OK`;
  }
}

/**
 * Returns the path of such a file in the temporary folder. The file is written once and then reused, unless it has changed
 * since.
 */
export async function flowLogFile(wanted: FlowLogFile): Promise<string> {
  const path = join(tmpdir(), `flow-sentinel-bench-${wanted.lines}-of-${wanted.pairs}.log`);
  const hashPath = `${path}.sha256`;
  if (existsSync(path) && existsSync(hashPath)) {
    const hash = await hashOf(path);
    if ((await textOf(hashPath)) === `${generator} ${hash}`) return path;
  }
  const unfinished = `${path}.${process.pid}`;
  await pipeline(pieces(wanted), createWriteStream(unfinished));
  const hash = await hashOf(unfinished);
  await rename(unfinished, path);
  await pipeline([`${generator} ${hash}`], createWriteStream(hashPath));
  return path;
}

/** The version of the generated lines: change it with them. */
const generator = 'lines-1';

function* pieces(wanted: FlowLogFile): Generator<string> {
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
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function textOf(path: string): Promise<string> {
  return (await createReadStream(path, 'utf8').toArray()).join('');
}
