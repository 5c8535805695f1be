import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { epochSeconds } from '../../lambda/common/calendar.ts';
import { addQuantity, type Quantity, readQuantities } from '../../lambda/common/quantity.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';
import { toLakeRow } from '../../lambda/respond/lake-row.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { FlowCounts } from '../statistics/flow-counts.ts';
import { FlowTimeline } from '../statistics/flow-timeline.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import type { ReportData, ReportSource } from './page/report-data.ts';
import { reportPairs } from './report-pairs.ts';
import { reportRules } from './report-rules.ts';

/** A message to the topic, as its subscriptions get it. */
export interface SentAlert {
  readonly subject: string;
  /** What a subscription by e-mail gets. */
  readonly text: string;
  /** What a queue gets: JSON. */
  readonly body: string;
}

/** What a report says that the records do not. */
export interface ReportContext {
  /** The command that made it. */
  readonly command: string;
  readonly sources: Iterable<ReportSource>;
  readonly pairs: Iterable<PairCounter>;
}

const maxSources = 200;

/** A decoded line, as respond/lake-row.ts writes it: what is looked at here. */
interface LakeFlow {
  readonly unreadable_line?: string;
  readonly unreadable_reason?: string;
  readonly log_status?: string | null;
  readonly action?: string | null;
  readonly bytes?: number | null;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly counted?: boolean;
}

/**
 * Gathers a report while records go through the function: in memory that grows with the alerts, not with the records.
 * The same answers in the same order give the same report.
 */
export class ReportCollector {
  readonly #rules: LoadedRules;
  readonly #formats: readonly Format[];
  readonly #timeline = new FlowTimeline();
  readonly #alerts: { subject: string; text: string; body: AlertBody }[] = [];
  readonly #counts = new FlowCounts();
  #bytes: Quantity = 0;
  #rejects = 0;

  /** @param formats the flow logs' formats, by which records that failed are read again; by default AWS's default */
  constructor(rules: LoadedRules, formats: readonly Format[] = [parseFormat(defaultFormat) as Format]) {
    this.#rules = rules;
    this.#formats = formats;
  }

  /**
   * Takes the payload of a record that went on to the lake: decoded lines.
   *
   * @param arrival when the record came, in epoch seconds: the time of a flow that has none
   */
  delivered(data: Buffer | string, arrival?: number): void {
    for (const line of data.toString().split('\n')) if (line !== '') this.#addLine(line, arrival);
  }

  /**
   * Takes the payload, as it came, of a record that came back as failed. One that can be read had no room in the
   * answer, and was counted; of any other this says why not.
   *
   * @param why for a record that was never looked at, as of a batch that was given up
   */
  failed(data: Buffer, arrival?: number, why?: string): void {
    if (why !== undefined) {
      this.#counts.unreadable.add(why, data.toString());
      return;
    }
    const [record] = readRecords([{ recordId: '', data: data.toString('base64'), arrival }], this.#formats);
    const { outcome } = record!;
    if (outcome.kind === 'failed') this.#counts.unreadable.add(outcome.reason, data.toString());
    if (outcome.kind !== 'lines') return;
    for (const line of outcome.lines) this.delivered(toLakeRow(line, this.#rules.monitoredNetworks), arrival);
  }

  /** Takes an alert, in the order in which they were sent. */
  alert({ subject, text, body }: SentAlert): void {
    this.#alerts.push({ subject, text, body: JSON.parse(body, readQuantities as never) as AlertBody });
  }

  /** What the lines were that were taken. */
  get records(): ReportData['records'] {
    return this.#counts.totals({ bytes: this.#bytes, rejects: this.#rejects });
  }

  get period(): ReportData['period'] {
    return this.#counts.period;
  }

  /** The report of all that was taken. */
  finish({ command, sources, pairs }: ReportContext): ReportData {
    const allSources = [...sources];
    const withProblems = allSources.filter(({ problem }) => problem !== undefined);
    const listed = new Set([...withProblems, ...allSources].slice(0, maxSources));
    const bodies = this.#alerts.map(({ body }) => body);
    return {
      version: 1,
      command,
      sources: allSources.filter((source) => listed.has(source)),
      moreSources: allSources.length - listed.size,
      records: this.records,
      period: this.period,
      alerts: [...this.#alerts],
      ...reportPairs(pairs, bodies),
      timeline: this.#timeline.read(),
      rules: reportRules(this.#rules.rules.values(), bodies),
    };
  }

  #addLine(line: string, arrival: number | undefined): void {
    const flow = JSON.parse(line) as LakeFlow;
    if (flow.unreadable_reason !== undefined) {
      this.#counts.unreadable.add(flow.unreadable_reason, flow.unreadable_line ?? '');
      return;
    }
    const start = seconds(flow.start);
    const end = seconds(flow.end);
    this.#counts.addLine(flow.log_status, start, end);
    if (!flow.counted) return;
    const isReject = flow.action === 'REJECT';
    const bytes = isReject ? 0 : exactBytes(flow, line);
    this.#counts.counted += 1;
    this.#bytes = addQuantity(this.#bytes, bytes);
    this.#rejects += isReject ? 1 : 0;
    const at = end ?? start ?? arrival;
    if (at !== undefined) this.#timeline.add(at, bytes, isReject ? 1 : 0);
  }
}

function seconds(time: number | null | undefined): number | undefined {
  return time === null || time === undefined ? undefined : epochSeconds(time);
}

/** The bytes with all their digits; few flows have more than a number holds, so only those are read again. */
function exactBytes({ bytes }: LakeFlow, line: string): Quantity {
  if (Number.isSafeInteger(bytes)) return bytes!;
  return (JSON.parse(line, readQuantities as never) as { bytes?: Quantity | null }).bytes ?? 0;
}
