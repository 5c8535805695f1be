import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firehoseEvent, wrapLines } from '../../emulators/firehose-event.ts';
import { envelopeSamples } from './envelope-samples.ts';
import { hourStart, quietHour } from './quiet-hour.ts';

/** Writes the sample events, one folder for each scenario. The same code writes the same files. */

const eventsDirectory = join(import.meta.dirname, '../../events');

function write(scenario: string, name: string, event: unknown): void {
  mkdirSync(join(eventsDirectory, scenario), { recursive: true });
  writeFileSync(join(eventsDirectory, scenario, `${name}.json`), `${JSON.stringify(event, null, 1)}\n`);
}

for (const [name, payloads] of Object.entries(envelopeSamples)) {
  const records = payloads.map((payload) => ({ data: Buffer.from(payload), arrival: hourStart * 1000 }));
  write(`envelope-${name}`, 'event', firehoseEvent(records));
}

const flows = quietHour();
for (let minute = 0; minute < 60; minute += 10) {
  const from = hourStart + minute * 60;
  const lines = flows.filter(({ end }) => end >= from && end < from + 600).map(({ line }) => line);
  const records = wrapLines(lines, 'json', (from + 600 + 60) * 1000);
  write('quiet-hour', `minute-${String(minute).padStart(2, '0')}`, firehoseEvent(records));
}
