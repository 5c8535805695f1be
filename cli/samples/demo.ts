import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runText } from '../replay/print-run.ts';
import { runEvents } from '../replay/run-events.ts';
import type { ReportData } from '../report/page/report-data.ts';
import { writeReport } from '../report/write-report.ts';
import { InputError } from '../terminal/input-error.ts';
import { scenarioEvents, scenarioNames } from './bundled-events.ts';
import { runReport } from './run-report.ts';

/** The demo's report: in the current folder or, where that cannot be written to, in that for temporary files. */
const demoReport = 'flow-sentinel-demo.html';

/** Sends the sample events through the handler, with AWS embedded, and prints what came of it. */
export async function demo(signal?: AbortSignal): Promise<void> {
  process.stdout.write(
    'Sample Firehose events, the real handler, an embedded DynamoDB and SNS: nothing leaves this machine.\n\n',
  );
  const events = scenarioNames().flatMap(scenarioEvents);
  const run = await runEvents(events, {}, signal);
  process.stdout.write(runText(events, run));
  const written = await writtenReport(runReport('flow-sentinel demo', events, run, undefined));
  process.stdout.write(
    [
      ...(written === undefined
        ? []
        : [`The same as a page to look around in, without a network: open ${written}`, '']),
      'Try your own: npm run make-event -- LOGFILE > event.json && npm run invoke -- event.json --report report.html',
      '',
    ].join('\n'),
  );
}

/** Where the report went; undefined where no folder takes it, which is no reason for the demo to fail. */
async function writtenReport(data: ReportData): Promise<string | undefined> {
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
