import { formatInteger } from '../../../lambda/common/format-units.ts';
import { writeQuantities } from '../../../lambda/common/quantity.ts';
import type { MonitoredNetworkOptions } from '../../monitored-networks/monitored-networks.ts';
import { readSources } from '../../names/read-sources.ts';
import { writeStdout } from '../../terminal/stdout.ts';
import { readNetworks } from '../cache/networks.ts';
import { writeRows } from '../csv-and-json-rows.ts';
import { type DatabaseOptions, openDatabase, printError, reportIncomplete, reportLeftOut } from '../open-database.ts';
import { answerFinding, type FindingAnswer } from './answer-finding.ts';
import { findingJson, findingRows } from './finding-rows.ts';
import { findingAnswerText } from './finding-text.ts';
import { type FindingOptions, readFindings } from './read-findings.ts';

/** The most paths in a command that the text prints. */
const maxPathsShown = 3;

/** The options of the command. */
export interface HuntFindingOptions extends FindingOptions, DatabaseOptions, MonitoredNetworkOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  /** Folder or file of the names of addresses (default: no names). */
  readonly names?: string;
  /** File of `geo build` (default: no table). */
  readonly geo?: string;
}

/**
 * Answers GuardDuty findings from flow log files, and prints the answers.
 *
 * @param file a file or a folder with findings
 * @throws InputError if there is no finding, or no file can be read; otherwise the errors of runHunt
 */
export async function huntFinding(
  file: string,
  paths: readonly string[],
  options: HuntFindingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { findings, leftOut } = await readFindings(file, options, signal);
  const sources = await readSources(options);
  const networks = await readNetworks(options, options.cache !== false);
  const opened = await openDatabase(paths, { networks, session: networks }, options, signal);
  const { database } = opened;
  try {
    // Many paths, as a shell makes of a pattern, would hide the command.
    const words = paths.length <= maxPathsShown ? paths : ['PATH...'];
    const answers: FindingAnswer[] = [];
    for (const finding of findings) answers.push(await answerFinding(finding, database, sources.names));
    if (options.csv) await writeRows(findingRows(answers), 'csv', writeStdout, process.stdout.isTTY);
    else if (options.json) await writeStdout(`${JSON.stringify(answers.map(findingJson), writeQuantities, 2)}\n`);
    else {
      const texts = answers.map((answer) => findingAnswerText(answer, database.range, sources, words));
      await writeStdout(`${texts.join('\n')}${noteText(answers.length, database.flows)}\n`);
    }
    reportLeftOut(opened, networks);
    if (leftOut > 0) printError(`left out ${formatInteger(leftOut)} less severe findings: choose them with --id`);
  } finally {
    await database.close();
  }
  reportIncomplete(opened);
}

function noteText(findings: number, flows: number): string {
  return `\n${findings} ${findings === 1 ? 'finding' : 'findings'} answered from ${formatInteger(flows)} flows, times in UTC.`;
}
