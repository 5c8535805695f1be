import { compileRuleDirectory } from '../lambda/io/rule-directory.ts';
import { loadRules } from '../lambda/sigma/load.ts';
import { openFlowFiles } from './flow-files/open-flow-files.ts';
import { AlertLog } from './replay/alert-log.ts';
import { conclude } from './replay/conclude.ts';
import { judgeInMemory } from './replay/judge-in-memory.ts';
import { judgeOnStack } from './replay/judge-on-stack.ts';
import type { OnAlert } from './replay/judging.ts';
import { type ReplayedFiles, replayFiles } from './replay/replay-files.ts';
import { replayJson } from './replay/replay-json.ts';
import { replayText, shownAlerts } from './replay/replay-text.ts';
import type { RunOptions } from './run-events.ts';
import { beginFile } from './whole-file.ts';
import { writePieces } from './write-pieces.ts';

export interface ReplayOptions extends RunOptions {
  readonly store: 'memory' | 'local';
  readonly json?: boolean;
  /** A file for all alerts, a JSON line each. */
  readonly alerts?: string;
}

/**
 * Sends flow log files through the pipeline, and prints what came of it.
 *
 * @param open opens the files
 * @throws InputError when nothing can be read, or a file not be written; else see conclude
 */
export async function replay(
  paths: readonly string[],
  { rules: directory, networks, format, store, json = false, alerts: alertsFile }: ReplayOptions,
  signal: AbortSignal,
  open: typeof openFlowFiles = openFlowFiles,
): Promise<void> {
  const ruleSet = compileRuleDirectory(directory, networks);
  const rules = loadRules(ruleSet);
  const kept = alertsFile === undefined ? undefined : await beginFile(alertsFile);
  const log = new AlertLog({ most: shownAlerts, keepAll: json });
  const onAlert: OnAlert = async ({ body }, isQuiet) => {
    if (isQuiet) return;
    log.add(body);
    await kept?.write(`${body}\n`);
  };
  let replayed: ReplayedFiles;
  try {
    const files = await open(paths, { format, signal });
    const judging =
      store === 'memory'
        ? judgeInMemory({ formats: files.formats, rules }, onAlert)
        : await judgeOnStack(
            ruleSet,
            files.formats.map(({ names }) => names.join(' ')),
            onAlert,
          );
    try {
      const { monitoredNetworks } = rules;
      replayed = await replayFiles(files, judging.invoke, { what: 'replay', monitoredNetworks, signal });
      const pairs = await judging.pairs();
      await kept?.keep();
      if (json) await writePieces(replayJson(replayed, pairs, log.bodies));
      else process.stdout.write(replayText(replayed, pairs, log, rules.rules));
    } finally {
      await judging.stop();
    }
  } catch (error) {
    await kept?.discard();
    throw error;
  }
  conclude(replayed);
}
