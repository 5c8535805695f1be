import type { Format } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { openFlowFiles } from '../flow-files/open.ts';
import type { ReportSource } from '../report/page/report-data.ts';
import { ReportCollector } from '../report/report-collector.ts';
import { beginReport, type ReportFile } from '../report/write-report.ts';
import { beginAtomicFile } from '../terminal/atomic-file.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { writeChunks } from '../terminal/stdout.ts';
import { AlertSummary } from './alert-summary.ts';
import { commandText } from './command-text.ts';
import type { OnAlert } from './engine.ts';
import { reportIncomplete } from './exit-status.ts';
import { startLocalStackEngine } from './local-stack-engine.ts';
import { createMemoryEngine } from './memory-engine.ts';
import { type ReplayedFiles, replayFiles } from './replay-files.ts';
import { replayJson } from './replay-json.ts';
import { maxShownAlerts, replayText } from './replay-text.ts';
import type { RunOptions } from './run-events.ts';
import { warnEmptyLists } from './warn-empty-lists.ts';

export interface ReplayOptions extends RunOptions {
  readonly store: 'memory' | 'local';
  readonly json?: boolean;
  /** A file for all alerts, a JSON line each. */
  readonly alerts?: string;
  /** The HTML file to write a report to. */
  readonly report?: string;
}

/**
 * Sends flow log files through the pipeline, and prints what came of it.
 *
 * @param open opens the files
 * @throws InputError when nothing can be read, or a file not be written; else see conclude
 */
export async function replay(
  paths: readonly string[],
  options: ReplayOptions,
  signal: AbortSignal,
  open: typeof openFlowFiles = openFlowFiles,
): Promise<void> {
  const ruleSet = compileRuleDirectory(options.rules, options.networks);
  const rules = loadRules(ruleSet);
  warnEmptyLists(ruleSet);
  const alertsFile = options.alerts === undefined ? undefined : await beginAtomicFile(options.alerts);
  let reportFile: ReportFile | undefined;
  let replayed: ReplayedFiles;
  try {
    reportFile = options.report === undefined ? undefined : await beginReport(options.report);
    const files = await open(paths, { format: options.format, signal });
    checkOutputPaths([options.alerts, options.report], files.files());
    const log = new AlertSummary({ most: maxShownAlerts, keepAll: options.json ?? false });
    const collector = new ReportCollector(rules, files.formats);
    // A file that takes no more ends the work: it is no fault of the batch, which would be tried again.
    const full = new AbortController();
    const onAlert: OnAlert = async (alert, isQuiet) => {
      if (isQuiet) return;
      log.add(alert.body);
      if (reportFile) collector.alert(alert);
      await alertsFile?.write(`${alert.body}\n`).catch((error: unknown) => full.abort(error));
    };
    const judging =
      options.store === 'memory'
        ? createMemoryEngine({ formats: files.formats, rules }, onAlert)
        : await startLocalStackEngine(ruleSet, files.formats.map(textOf), { onAlert });
    try {
      replayed = await replayFiles(files, judging.invoke, {
        what: 'replay',
        collector,
        signal: AbortSignal.any([signal, full.signal]),
      });
      full.signal.throwIfAborted();
      const pairs = await judging.pairs();
      await alertsFile?.commit();
      const command = commandText('replay', paths, options);
      await reportFile?.write(collector.finish({ command, sources: replayed.files.map(sourceOf), pairs }));
      if (options.json) await writeChunks(replayJson(replayed, pairs, log.bodies));
      else
        process.stdout.write(
          replayText({ replayed, pairs, alerts: log, rules: rules.rules, paths, report: options.report }),
        );
    } finally {
      await judging.stop();
    }
  } catch (error) {
    await alertsFile?.discard();
    throw error;
  } finally {
    await reportFile?.close();
  }
  reportIncomplete(replayed);
}

function textOf({ names }: Format): string {
  return names.join(' ');
}

function sourceOf({ name, kind, records, problem }: ReadFile): ReportSource {
  return { name, kind: kind ?? 'not told', records, ...(problem !== undefined && { problem }) };
}
