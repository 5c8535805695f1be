import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CountingOptions, countingWords, defaultCountEvery } from '../replay/counting.ts';
import { runText } from '../replay/print-run.ts';
import { runEvents } from '../replay/run-events.ts';
import type { ReportData } from '../report/page/report-data.ts';
import { writeReport } from '../report/write-report.ts';
import { InputError } from '../terminal/input-error.ts';
import { scenarioEvents, scenarioNames } from './bundled-events.ts';
import { demoSources } from './demo-sources.ts';
import { collectRun, runReport } from './run-report.ts';

/** File of the report: in the current folder, or in the temporary folder if the current one is not writable. */
const demoReport = 'flow-sentinel-demo.html';

/** Sends the sample events through the handler on embedded AWS services and prints the result. */
export async function demo(counting: CountingOptions = {}, signal?: AbortSignal): Promise<void> {
  process.stdout.write(
    'Sample Firehose events, the real handler, embedded DynamoDB and SNS: nothing leaves this machine.\n\n',
  );
  const events = scenarioNames().flatMap(scenarioEvents);
  const options = { ...demoCounting(counting), monitoredNetworks: [] };
  const run = await runEvents(events, options, signal, await demoSources());
  const collector = collectRun(events, run, options);
  process.stdout.write(runText(events, run, collector));
  const reportPath = await writeDemoReport(
    runReport(['npx flow-sentinel demo', ...countingWords(counting)].join(' '), events, run, options, collector),
  );
  process.stdout.write(
    [
      ...(reportPath === undefined ? [] : [`The same as a self-contained HTML report: open ${reportPath}`, '']),
      'Try your own: npx flow-sentinel make-event LOGFILE > event.json && npx flow-sentinel invoke event.json --report report.html',
      '',
    ].join('\n'),
  );
}

/** Returns the way to count of the demo, whatever flow-sentinel.json says. */
export function demoCounting({ counting = 'direct', countEvery }: CountingOptions): CountingOptions {
  if (counting === 'journal') return { counting, countEvery: countEvery ?? defaultCountEvery };
  return { counting, ...(countEvery !== undefined && { countEvery }) };
}

/** Writes the report and returns its path; undefined if no folder is writable, which does not fail the demo. */
async function writeDemoReport(data: ReportData): Promise<string | undefined> {
  for (const path of [demoReport, join(tmpdir(), demoReport)]) {
    try {
      await writeReport(path, data);
      return path;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return undefined;
}
