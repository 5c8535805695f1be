import { readEvent } from '../../lambda/decode/firehose-event.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import { huntInputs } from '../replay/hunt-inputs.ts';
import type { NamedEvent, RunOptions, RunResult } from '../replay/run-events.ts';
import type { ReportData } from '../report/page/report-data.ts';
import { ReportCollector } from '../report/report-collector.ts';

/**
 * Collects the report of a run of events.
 *
 * @param options rules, networks and formats of the run
 */
export function collectRun(
  events: readonly NamedEvent[],
  { rules, responses, alerts, logged, sources, contextEvents }: RunResult,
  options: RunOptions,
): ReportCollector {
  const parsed = options.format?.map((text) => parseFormat(text) as Format);
  const given = { withHosts: true, addressSources: sources, contextEvents };
  const collector = new ReportCollector(loadRules(rules), parsed, given);
  for (const [index, { event }] of events.entries()) {
    const { records } = readEvent(event);
    for (const [position, { result, data }] of (responses[index]?.records ?? []).entries()) {
      const arrival = records[position]?.arrival;
      const payload = Buffer.from(data, 'base64');
      if (result === 'Ok') collector.delivered(payload, arrival);
      if (result === 'ProcessingFailed') collector.failed(payload, arrival);
    }
  }
  for (const alert of [...alerts, ...logged]) collector.alert(alert);
  return collector;
}

/** Builds the report of a run of events. @param collector that of collectRun */
export function runReport(
  command: string,
  events: readonly NamedEvent[],
  { pairs }: RunResult,
  options: RunOptions,
  collector: ReportCollector,
): ReportData {
  const sources = events.map(({ name, event }) => ({
    name,
    kind: 'Firehose event',
    records: readEvent(event).records.length,
  }));
  const paths = events.map(({ name }) => name);
  return collector.finish({ command, hunt: huntInputs(paths, options), sources, pairs });
}
