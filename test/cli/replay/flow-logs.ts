import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '../../../events/scenarios/random.ts';
import { epoch, lineOf } from '../../support/flows.ts';

/** Flow log files for tests, in the default format. */

/** Writes lines to a file, compressed if the name ends in `.gz`, and returns its path. */
export function writeLog(folder: string, name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const text = lines.map((line) => `${line}\n`).join('');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

/** Makes lines of random flows between a few hosts, in the order of their times; the seed decides the lines. */
export function randomLines(seed: number, count: number, seconds = 7200): string[] {
  const random = seededRandom(seed);
  const hosts = ['10.0.1.5', '10.0.1.6', '10.0.2.7', '203.0.113.9', '198.51.100.3', '2001:db8::1', 'fd00::7', '-'];
  const bytes = ['40', '1500', '250000', '90000000', '9007199254740991', '9223372036854775807'];
  return Array.from({ length: count }, (_, n) => {
    const start = epoch + Math.floor((n * seconds) / count);
    if (random.below(50) === 0) return lineOf({ ...noData, start, end: start + 60 });
    return lineOf({
      srcaddr: random.pick(hosts),
      dstaddr: random.pick(hosts),
      dstport: random.pick([22, 53, 443, 3389]),
      bytes: random.below(30) === 0 ? '-' : random.pick(bytes),
      action: random.pick(['ACCEPT', 'ACCEPT', 'REJECT', '-']),
      ...{ start, end: start + random.below(60) },
    });
  });
}

const noData = {
  ...Object.fromEntries(
    ['srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action'].map((name) => [name, '-']),
  ),
  'log-status': 'NODATA',
};
