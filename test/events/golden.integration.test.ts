import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEvents } from '../../cli/replay/run-events.ts';
import { eventsDirectory, expectedFileName, scenarioEvents, scenarioNames } from '../../cli/samples/bundled-events.ts';
import type { TransformedRecord } from '../../lambda/respond/respond.ts';
import { expectAlertBody } from '../support/alert-schema.ts';

/** Returns a response record in a form for review: the decoded lines, or the returned data. */
function readable({ result, data }: TransformedRecord): unknown {
  const bytes = Buffer.from(data, 'base64');
  if (result !== 'Ok') return { result, ...(data !== '' && { data }) };
  return {
    result,
    lines: bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  };
}

const quietHour = runEvents(scenarioEvents('quiet-hour'));

async function outcomeOf(scenario: string) {
  const events = scenarioEvents(scenario);
  const { responses, pairs, alerts } = await (scenario === 'quiet-hour' ? quietHour : runEvents(events));
  for (const [index, { records }] of responses.entries()) {
    const requested = (events[index]!.event as { records: { recordId: string }[] }).records;
    expect(records.map(({ recordId }) => recordId)).toEqual(requested.map(({ recordId }) => recordId));
  }
  for (const { body } of alerts) expectAlertBody(JSON.parse(body));
  const records = responses.flatMap((response) => response.records);
  const answers =
    records.length <= 50
      ? records.map(readable)
      : Object.fromEntries(
          [...Map.groupBy(records, ({ result }) => result)].map(([result, all]) => [result, all.length]),
        );
  return { answers, pairs, alerts: alerts.map(({ body }) => JSON.parse(body) as unknown) };
}

describe('the sample events', () => {
  it('exist for every envelope, and for a quiet hour with four attacks', () => {
    expect(scenarioNames()).toEqual([
      'envelope-cloudwatch-gzip',
      'envelope-cloudwatch-json',
      'envelope-message-json',
      'envelope-text',
      'quiet-hour',
    ]);
  });

  it.each(scenarioNames())('have the expected results for %s', async (scenario) => {
    const path = join(eventsDirectory, scenario, expectedFileName);
    const outcome = await outcomeOf(scenario);
    if (process.env.UPDATE_GOLDEN || !existsSync(path)) {
      expect(process.env.CI, `${path} is missing`).toBeUndefined();
      writeFileSync(path, `${JSON.stringify(outcome, null, 1)}\n`);
    }
    expect(outcome).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });

  it('raise one alert for each attack of the quiet hour', async () => {
    const { alerts, pairs } = await quietHour;
    expect(alerts.map(({ attributes }) => attributes.rule).sort()).toEqual([
      'data_exfiltration',
      'lateral_movement',
      'rejects_from_suspicious_ranges',
      'repeated_rejects',
    ]);
    expect(pairs[0]).toMatchObject({ src: '10.0.3.30', dst: '198.19.77.7', bytes: 150_000_000, rejects: 0 });
    expect(pairs.find(({ src, dst }) => src === '10.0.9.90' && dst === '10.0.3.30')).toMatchObject({
      bytes: 0,
      rejects: 14,
    });
  });
});
