import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OpenOptions } from '../../../cli/flow-files/discover.ts';
import type { FlowFiles } from '../../../cli/flow-files/flow-files.ts';
import { openFlowFiles } from '../../../cli/flow-files/open.ts';
import type { SourceRecord } from '../../../emulators/firehose-event.ts';
import type { Flow } from '../../../lambda/flow-log/flow.ts';
import { flowsOf, type ReadRecord, readRecords } from '../../../lambda/parse/read-records.ts';
import { epoch } from '../../support/flows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A folder for the files of a test. */
export function flowFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** The records, flows and problems of files. */
export interface ReadAll {
  readonly flowFiles: FlowFiles;
  readonly records: readonly SourceRecord[];
  /** The records as text. */
  readonly lines: readonly string[];
  /** Arrivals in seconds after `epoch`. */
  readonly arrivals: readonly number[];
  /** The records as the handler reads them. */
  readonly read: readonly ReadRecord[];
  readonly flows: readonly Flow[];
  /** The problems by the last part of the file's name. */
  readonly problems: Readonly<Record<string, string>>;
}

export async function readAll(paths: string | readonly string[], options: OpenOptions = {}): Promise<ReadAll> {
  const flowFiles = await openFlowFiles([paths].flat(), options);
  const records: SourceRecord[] = [];
  for await (const record of flowFiles.records()) records.push(record);
  const read = records.flatMap(({ data }, index) => {
    const record = { recordId: String(index), data: data.toString('base64'), arrival: 0 };
    return readRecords([record], flowFiles.formats).records;
  });
  return {
    flowFiles,
    records,
    lines: records.map(({ data }) => data.toString()),
    arrivals: records.map(({ arrival }) => arrival / 1000 - epoch),
    read,
    flows: read.flatMap(flowsOf),
    problems: Object.fromEntries(
      flowFiles
        .files()
        .flatMap(({ name, problem }) => (problem === undefined ? [] : [[name.split('/').at(-1), problem]])),
    ),
  };
}

/** Returns the values of a flow by field, without those that are not available. */
export function valuesOf({ format, values }: Flow): Record<string, string> {
  const named = format.names.map((name, index) => [name, values[index]!] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== '-'));
}
