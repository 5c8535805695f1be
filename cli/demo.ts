import { runText } from './print-run.ts';
import { runEvents } from './run-events.ts';
import { scenarioFiles, scenarios } from './scenarios.ts';

/** Sends the sample events through the handler, with AWS embedded, and prints what came of it. */
export async function demo(): Promise<void> {
  process.stdout.write(
    'Sample Firehose events, the real handler, an embedded DynamoDB and SNS: nothing leaves this machine.\n\n',
  );
  const events = scenarios().flatMap(scenarioFiles);
  process.stdout.write(runText(events, await runEvents(events)));
  process.stdout.write('Try your own: npm run make-event -- LOGFILE > event.json && npm run invoke -- event.json\n');
}
