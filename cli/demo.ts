import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readEventFile } from './invoke.ts';
import { runText } from './print-run.ts';
import { runEvents } from './run-events.ts';

/** Where the sample events are. */
const eventsDirectory = join(import.meta.dirname, '../events');

/** Sends the sample events through the handler, with AWS embedded, and prints what came of it. */
export async function demo(): Promise<void> {
  process.stdout.write(
    'Sample Firehose events, the real handler, an embedded DynamoDB and SNS: nothing leaves this machine.\n\n',
  );
  const files = readdirSync(eventsDirectory).filter((name) => name.endsWith('.json'));
  const events = files.sort().map((name) => readEventFile(relative(process.cwd(), join(eventsDirectory, name))));
  process.stdout.write(runText(events, await runEvents(events)));
  process.stdout.write('\nTry your own: npm run make-event -- LOGFILE > event.json && npm run invoke -- event.json\n');
}
