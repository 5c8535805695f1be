import type { Format } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import { completedEvents } from '../context/completed-events.ts';
import { contextOf } from '../context/context-of.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { openFlowFiles } from '../flow-files/open.ts';
import { RangeFilter, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import { leftOutLines } from '../monitored-networks/left-out-text.ts';
import { monitoredNetworkWords, scopeWords } from '../monitored-networks/monitored-networks.ts';
import { readSources, sourceWords } from '../names/read-sources.ts';
import type { ReportSource } from '../report/page/report-data.ts';
import { ReportCollector } from '../report/report-collector.ts';
import type { ReportFile } from '../report/write-report.ts';
import { onlyRules } from '../rules/load-rules.ts';
import { pairJson } from '../statistics/pair-counter.ts';
import { beginAtomicFile } from '../terminal/atomic-file.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { writeChunks } from '../terminal/stdout.ts';
import { AlertSummary } from './alert-summary.ts';
import { commandText } from './command-text.ts';
import { type CountingOptions, flushSecondsOf } from './counting.ts';
import type { OnAlert } from './engine.ts';
import { reportIncomplete } from './exit-status.ts';
import { huntInputs } from './hunt-inputs.ts';
import type { LocalStackEngine, startLocalStackEngine } from './local-stack-engine.ts';
import { createMemoryEngine } from './memory-engine.ts';
import { monitoredRules } from './monitored-rules.ts';
import { type ReplayedFiles, replayFiles } from './replay-files.ts';
import { replayJson } from './replay-json.ts';
import { maxShownAlerts, replayText } from './replay-text.ts';
import type { RunOptions } from './run-events.ts';
import { countingOfRun } from './stage-counting.ts';
import { warnEmptyLists } from './warn-empty-lists.ts';
import { warnMissingScope } from './warn-missing-scope.ts';

/** Options of the command. */
export interface ReplayOptions extends RunOptions, TimeRangeOptions, CountingOptions {
  readonly store: 'memory' | 'local';
  /** Names of the rules to evaluate (default: all). */
  readonly rule?: readonly string[];
  readonly json?: boolean;
  /** File for all alerts, one JSON document a line. */
  readonly alerts?: string;
  /** HTML file of the report. */
  readonly report?: string;
}

/**
 * Sends flow log files through the pipeline and prints the result.
 *
 * @throws InputError if no line is readable or a file cannot be written; otherwise as `reportIncomplete`
 */
export async function replay(
  paths: readonly string[],
  options: ReplayOptions,
  signal: AbortSignal,
  open: typeof openFlowFiles = openFlowFiles,
): Promise<void> {
  const { ruleSet: all, monitored } = monitoredRules(options);
  const ruleSet = onlyRules(options.rule, all);
  warnEmptyLists(ruleSet);
  const sources = await readSources(options, signal);
  const context = await contextOf(options, signal);
  const rules = loadRules(ruleSet, sources.regions);
  const range = timeRangeOf(options);
  const alertsFile = options.alerts === undefined ? undefined : await beginAtomicFile(options.alerts);
  let reportFile: ReportFile | undefined;
  let replayed: ReplayedFiles;
  try {
    reportFile = options.report === undefined ? undefined : await startReport(options.report);
    const files = await open(paths, { format: options.format, needsTimes: true, signal });
    warnMissingScope(ruleSet, files.formats);
    checkOutputPaths([options.alerts, options.report], files.files());
    const summary = new AlertSummary({ maxShown: maxShownAlerts, storeAll: options.json ?? false });
    const collector = new ReportCollector(rules, files.formats, {
      withHosts: reportFile !== undefined,
      areLogs: true,
      addressSources: sources,
      contextEvents: await completedEvents(context),
    });
    // A write error of the alerts file ends the replay. Rejecting instead would make the stream retry the batch.
    const alertsFailure = new AbortController();
    const onAlert: OnAlert = async (alert) => {
      summary.add(alert.body);
      if (reportFile) collector.alert(alert);
      await alertsFile?.write(`${alert.body}\n`).catch((error: unknown) => alertsFailure.abort(error));
    };
    const counting = countingOfRun(options);
    const flushSeconds = flushSecondsOf(counting);
    const engine =
      options.store === 'memory'
        ? createMemoryEngine({ formats: files.formats, rules, flushSeconds, sources, context }, onAlert)
        : await startLocalStack(ruleSet, files.formats.map(textOf), { onAlert, flushSeconds, sources, context });
    try {
      replayed = await replayFiles(files, engine, {
        label: 'replay',
        collector,
        monitored,
        filter: range && new RangeFilter(range),
        signal: AbortSignal.any([signal, alertsFailure.signal]),
      });
      await engine.finish();
      alertsFailure.signal.throwIfAborted();
      const pairs = await engine.pairs();
      await alertsFile?.commit();
      const command = commandText('replay', paths, options);
      const logs = replayed.files.map(sourceOf);
      const leftOut = replayed.monitoring && leftOutLines(replayed.monitoring);
      await reportFile?.write(
        collector.finish({
          command,
          hunt: huntInputs(paths, options),
          sources: logs,
          pairs,
          ...(leftOut && { leftOut }),
        }),
      );
      const implausibleTimes = engine.implausibleTimes();
      if (options.json) {
        const pairTexts = pairs.values().map(pairJson);
        await writeChunks(replayJson(replayed, pairTexts, summary.bodies, implausibleTimes, counting));
      } else
        process.stdout.write(
          replayText({
            ...{ replayed, pairs, alerts: summary, implausibleTimes, counting },
            ...{
              rules: rules.rules,
              paths,
              networkWords: monitoredNetworkWords(options),
              geoWords: sourceWords({ ...(options.geo !== undefined && { geo: options.geo }) }),
              scopeWords: scopeWords(options),
              report: options.report,
              sources,
            },
          }),
        );
    } finally {
      await engine.stop();
    }
  } catch (error) {
    await alertsFile?.discard();
    throw error;
  } finally {
    await reportFile?.close();
  }
  reportIncomplete(replayed);
}

/** Imports the bundler of the report, which most replays do not need. */
async function startReport(path: string): Promise<ReportFile> {
  const { beginReport } = await import('../report/write-report.ts');
  return beginReport(path);
}

/** Imports the embedded servers, which are half of the modules of a replay. */
async function startLocalStack(...given: Parameters<typeof startLocalStackEngine>): Promise<LocalStackEngine> {
  const { startLocalStackEngine } = await import('./local-stack-engine.ts');
  return startLocalStackEngine(...given);
}

function textOf({ names }: Format): string {
  return names.join(' ');
}

function sourceOf({ name, kind, records, problem }: ReadFile): ReportSource {
  return { name, kind: kind ?? 'unknown', records, ...(problem !== undefined && { problem }) };
}
