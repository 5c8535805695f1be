import { readEvent } from '../../lambda/decode/firehose-event.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import { huntInputs } from '../replay/hunt-inputs.ts';
import type { NamedEvent, RunOptions, RunResult } from '../replay/run-events.ts';
import type { ReportData, ReportSource } from '../report/page/report-data.ts';
import { ReportCollector } from '../report/report-collector.ts';

/**
 * Builds the report of a run of events.
 *
 * @param options rules, networks and formats of the run
 */
export function runReport(
  command: string,
  events: readonly NamedEvent[],
  { rules, responses, pairs, alerts }: RunResult,
  options: RunOptions,
): ReportData {
  const parsed = options.format?.map((text) => parseFormat(text) as Format);
  const collector = new ReportCollector(loadRules(rules), parsed, { withHosts: true });
  const sources = events.map(({ name, event }, index): ReportSource => {
    const { records } = readEvent(event);
    for (const [position, { result, data }] of (responses[index]?.records ?? []).entries()) {
      const arrival = records[position]?.arrival;
      const payload = Buffer.from(data, 'base64');
      if (result === 'Ok') collector.delivered(payload, arrival);
      if (result === 'ProcessingFailed') collector.failed(payload, arrival);
    }
    return { name, kind: 'Firehose event', records: records.length };
  });
  for (const alert of alerts) collector.alert(alert);
  const paths = events.map(({ name }) => name);
  return collector.finish({ command, hunt: huntInputs(paths, options), sources, pairs });
}
