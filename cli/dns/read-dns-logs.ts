import { messageOf } from '../../lambda/common/errors.ts';
import { BadLines } from '../flow-files/bad-lines.ts';
import { findFiles } from '../flow-files/find-files.ts';
import { linesOf, mebibyte } from '../flow-files/formats/split-lines.ts';
import { decompressed } from '../flow-files/gunzip.ts';
import type { StoredFile } from '../flow-files/storage/stored-file.ts';
import { InputError } from '../terminal/input-error.ts';
import type { DnsQuery } from './dns-query.ts';
import { DnsTable } from './dns-table.ts';
import { readResolverLine } from './read-resolver-line.ts';
import { ZeekReader } from './zeek-reader.ts';

/** Upper bound of a line: an answer has at most 64 KiB (RFC 1035 section 4.2.2). */
const maxLineBytes = mebibyte;

/**
 * Reads DNS logs: query logs of Route 53 Resolver, or Zeek's dns.log, plain or compressed with gzip. Reports bad lines on
 * standard error, and reads the others.
 *
 * @param paths files, folders or s3:// URIs
 * @throws InputError if a path is missing, no line is a query, or the logs are too large; the reason of the signal
 */
export async function readDnsLogs(paths: readonly string[], signal?: AbortSignal): Promise<DnsTable> {
  const { files, problems } = await findFiles(paths, { signal });
  const table = new DnsTable();
  const badLines = new BadLines('bad line', 'DNS logs');
  for (const { name, problem } of problems) badLines.add(name, problem);
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    await readFile(file, table, badLines, signal);
  }
  badLines.report();
  if (table.hosts === 0) {
    throw new InputError(
      `${paths.join(', ')}: no line is a DNS query, expected query logs of Route 53 Resolver or Zeek's dns.log`,
    );
  }
  return table;
}

async function readFile(
  file: StoredFile,
  table: DnsTable,
  badLines: BadLines,
  signal: AbortSignal | undefined,
): Promise<void> {
  const zeek = new ZeekReader();
  const read = (line: string): DnsQuery | { readonly problem: string } | undefined => {
    if (line === '') return undefined;
    if (line.startsWith('#')) {
      zeek.readHeader(line);
      return undefined;
    }
    return zeek.hasFields ? zeek.read(line) : readResolverLine(line);
  };
  let number = 0;
  try {
    const bytes = decompressed(file.open());
    const lines = linesOf(bytes, maxLineBytes, (problem) => {
      number += 1;
      badLines.add(file.name, problem);
    });
    for await (const chunk of lines) {
      signal?.throwIfAborted();
      for (const line of chunk) {
        number += 1;
        const query = read(line.toString('utf8').replace(/\r?\n$/, ''));
        if (query === undefined) continue;
        if ('problem' in query) badLines.add(`${file.name}:${number}`, query.problem);
        else table.add(query);
      }
    }
  } catch (error) {
    if (error instanceof InputError || signal?.aborted) throw error;
    badLines.add(file.name, messageOf(error));
  }
}
