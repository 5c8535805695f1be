import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { addQuantity, type Quantity, readQuantities } from '../../lambda/common/quantity.ts';
import type { ContextEvent } from '../../lambda/context/context-event.ts';
import { isCounted } from '../../lambda/flow-log/contribution.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import type { KnownAddress, NameSource } from '../../lambda/names/known-interface.ts';
import { isInAnyNetwork } from '../../lambda/networks/ip-address.ts';
import { linesOf, readRecords } from '../../lambda/parse/read-records.ts';
import { toLakeRow } from '../../lambda/respond/lake-row.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { Rule, Series } from '../../lambda/rules/model.ts';
import { RuleSight } from '../../sigma/lint/rule-sight.ts';
import { FieldCoverage } from '../statistics/field-coverage.ts';
import { FlowCounts, isFlow } from '../statistics/flow-counts.ts';
import { FlowTimeline } from '../statistics/flow-timeline.ts';
import { type FlowRange, FlowTimes } from '../statistics/flow-times.ts';
import { HostActivityCounter, type HostFlow } from '../statistics/host-activity.ts';
import { OutsideTrafficCounter } from '../statistics/outside-traffic.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { SourceObservations, type UnloggedSources } from '../statistics/source-observations.ts';
import { type UnseenFlows, unseenFlows } from '../statistics/unseen-flows.ts';
import type { HuntInputs, ReportData, ReportSource } from './page/report-data.ts';
import { reportPairs } from './report-pairs.ts';
import { reportRules } from './report-rules.ts';
import { reportedAddresses } from './reported-addresses.ts';
import { reportedContext } from './reported-context.ts';
import { type BatchOfRows, FlowOfRow, flowOfLakeRow, type LakeFlow, type ReportedFlow } from './reported-flow.ts';

/** A message of the topic, as its subscriptions receive it. */
export interface SentAlert {
  readonly subject: string;
  /** Text for subscriptions by e-mail. */
  readonly text: string;
  /** JSON for queues. */
  readonly body: string;
}

/** Contents of a report that do not come from the records. */
export interface ReportContext {
  /** Command that writes the report. */
  readonly command: string;
  readonly hunt: HuntInputs;
  readonly sources: Iterable<ReportSource>;
  readonly pairs: Iterable<PairCounter>;
  /** Lines about the flows that are left out (default: none). */
  readonly leftOut?: readonly string[];
}

const maxSources = 200;

/** An item retains slots for a window and half an hour: see counters/window.ts. */
const maxLateSeconds = 1800;

/** Settings of a collector. */
export interface CollectorOptions {
  /** Whether to count the ports and hours of hosts, which only a written report needs (default: false). */
  readonly withHosts?: boolean;
  /** Whether the records are logs, which can be too short for a rule, and not single events (default: false). */
  readonly areLogs?: boolean;
  /** What says who has the addresses of a written report, and where they lead (default: nothing). */
  readonly addressSources?: (Omit<AddressSources, 'names'> & NamesInTable) | undefined;
  /** The findings and API calls of a written report (default: none were asked for). */
  readonly contextEvents?: readonly ContextEvent[] | undefined;
}

/** A table of names can list its addresses. */
interface NamesInTable {
  readonly names?: (NameSource & { readonly addresses?: readonly KnownAddress[] }) | undefined;
}

/**
 * Collects a report while records pass through the function. Its memory grows with the alerts, not with the records. The
 * same responses in the same order give the same report.
 */
export class ReportCollector {
  readonly #rules: LoadedRules;
  readonly #formats: readonly Format[];
  readonly #timeline = new FlowTimeline();
  readonly #alerts: { subject: string; text: string; body: AlertBody }[] = [];
  readonly #counts = new FlowCounts();
  readonly #times = new FlowTimes();
  readonly #hosts: HostActivityCounter | undefined;
  readonly #addressSources: Omit<AddressSources, 'names'> & NamesInTable;
  readonly #contextEvents: readonly ContextEvent[] | undefined;
  readonly #outside: OutsideTrafficCounter | undefined;
  readonly #coverage: FieldCoverage;
  readonly #sources = new SourceObservations();
  readonly #areLogs: boolean;
  #bytes: Quantity = 0;
  #rejects = 0;
  #lateFlows = 0;

  /** @param formats flow log formats for reading failed records again (default: the AWS default format) */
  constructor(
    rules: LoadedRules,
    formats: readonly Format[] = [parseFormat(defaultFormat) as Format],
    { withHosts = false, areLogs = false, addressSources = {}, contextEvents }: CollectorOptions = {},
  ) {
    this.#rules = rules;
    this.#formats = formats;
    this.#areLogs = areLogs;
    this.#hosts = withHosts ? new HostActivityCounter() : undefined;
    this.#addressSources = withHosts ? addressSources : {};
    this.#contextEvents = withHosts ? contextEvents : undefined;
    const { regions } = this.#addressSources;
    this.#outside = regions && new OutsideTrafficCounter({ ...addressSources, regions }, rules.monitoredNetworks);
    this.#coverage = new FieldCoverage(watchedFields(this.#ruleSet));
  }

  /**
   * Adds the payload of a delivered record: lake rows.
   *
   * @param arrival arrival of the record in epoch seconds, for flows without a time
   */
  delivered(data: Buffer | string, arrival?: number): void {
    for (const line of data.toString().split('\n')) if (line !== '') this.#addLine(line, arrival);
  }

  /**
   * Adds the records of a counted batch, as `delivered` and `failed` add each of them, but from the columns of their flows.
   *
   * @param arrivals the arrival of each record in epoch seconds
   */
  addBatch({ read, columns, contributions }: BatchOfRows, arrivals: readonly number[]): void {
    this.#coverage.addRows(columns.rows);
    const flow = new FlowOfRow(columns, contributions);
    for (const [index, { outcome, data, fromRow, toRow }] of read.records.entries()) {
      const arrival = arrivals[index]!;
      if (outcome.kind === 'failed') this.failed(Buffer.from(data as Uint8Array), arrival);
      if (outcome.kind !== 'lines') continue;
      for (const line of outcome.others ?? []) {
        if (line?.kind === 'unreadable') this.#counts.unreadable.add(line.reason, line.text);
      }
      for (flow.row = fromRow; flow.row < toRow; flow.row += 1) this.#addFlow(flow, arrival);
    }
  }

  /**
   * Adds the original payload of a failed record. A readable record was counted and did not fit into the response; an
   * unreadable one is counted by its reason.
   *
   * @param reason reason for a record that the function has not processed, such as a batch that was given up
   */
  failed(data: Buffer, arrival?: number, reason?: string): void {
    if (reason !== undefined) {
      this.#counts.unreadable.add(reason, data.toString());
      return;
    }
    const { records } = readRecords([{ recordId: '', data: data.toString('base64'), arrival }], this.#formats);
    const { outcome } = records[0]!;
    if (outcome.kind === 'failed') this.#counts.unreadable.add(outcome.reason, data.toString());
    for (const line of linesOf(records[0]!)) {
      const counted = line.kind === 'flow' && isCounted(line.flow, this.#rules.monitoredNetworks);
      this.delivered(toLakeRow(line, counted), arrival);
    }
  }

  /** Adds an alert; alerts come in the order in which they were sent. */
  alert({ subject, text, body }: SentAlert): void {
    this.#alerts.push({ subject, text, body: JSON.parse(body, readQuantities as never) as AlertBody });
  }

  /** Totals of the lines. */
  get records(): ReportData['records'] {
    return this.#counts.totals({ bytes: this.#bytes, rejects: this.#rejects });
  }

  /** Sources of flows that are left out, which no interface logged at the source: see statistics/source-observations.ts. */
  get unlogged(): UnloggedSources | undefined {
    return this.#sources.unlogged();
  }

  get period(): ReportData['period'] {
    return this.#counts.period;
  }

  /** Number of flows that came more than half an hour after later ones: their windows may have lost slots by then. */
  get lateFlows(): number {
    return this.#lateFlows;
  }

  get flowRange(): FlowRange | undefined {
    return this.#times.range();
  }

  /** The rules that could not alert on some flows, since these lack fields or cover too little time. */
  get unseen(): UnseenFlows[] {
    return unseenFlows(this.#ruleSet, this.#coverage.flows, this.#areLogs ? this.period : undefined);
  }

  get #ruleSet() {
    return { rules: [...this.#rules.rules.values()], series: [...this.#rules.series.values()], off: this.#rules.off };
  }

  /** Returns the report. */
  finish({ command, hunt, sources, pairs, leftOut = [] }: ReportContext): ReportData {
    const allSources = [...sources];
    const withProblems = allSources.filter(({ problem }) => problem !== undefined);
    const listed = new Set([...withProblems, ...allSources].slice(0, maxSources));
    const bodies = this.#alerts.map(({ body }) => body);
    const selected = reportPairs(pairs, bodies);
    const known = reportedAddresses(selected.pairs, bodies, this.#addressSources);
    const named = this.#addressSources.names?.addresses ?? [];
    const context = this.#contextEvents && reportedContext(this.#contextEvents, selected.pairs, bodies, named);
    return {
      version: 2,
      command,
      hunt,
      sources: allSources.filter((source) => listed.has(source)),
      moreSources: allSources.length - listed.size,
      records: this.records,
      leftOut,
      period: this.period,
      alerts: [...this.#alerts],
      ...selected,
      hosts: this.#hosts?.read() ?? { seconds: 3600, hosts: [] },
      timeline: this.#timeline.read(),
      rules: reportRules(this.#rules.rules.values(), bodies, this.unseen),
      ...(known && { known }),
      ...(this.#outside && { outside: this.#outside.read() }),
      ...(context && { context }),
    };
  }

  #addLine(line: string, arrival: number | undefined): void {
    const row = JSON.parse(line) as LakeFlow;
    if (row.unreadable_reason !== undefined) {
      this.#counts.unreadable.add(row.unreadable_reason, row.unreadable_line ?? '');
      return;
    }
    this.#coverage.add(row, isFlow(row.log_status));
    this.#addFlow(flowOfLakeRow(row, line, this.#rules.monitoredNetworks), arrival);
  }

  #addFlow(flow: ReportedFlow, arrival: number | undefined): void {
    const { start, end, status } = flow;
    this.#counts.addLine(status, start, end);
    const time = end ?? start;
    if (time !== undefined) this.#times.add(time);
    if (end !== undefined && arrival !== undefined && arrival - end > maxLateSeconds) this.#lateFlows += 1;
    if (this.#rules.monitoredNetworks.length > 0) this.#addDirection(flow);
    if (!flow.isCounted) {
      const lacksField = !flow.isLeftOut && isFlow(status);
      if (lacksField) this.#counts.addUncounted(hasPair(flow), flow.action, flow.bytes !== undefined);
      return;
    }
    const rejects = flow.action === 'REJECT' ? 1 : 0;
    const bytes = rejects === 1 ? 0 : (flow.bytes ?? 0);
    this.#counts.counted += 1;
    this.#bytes = addQuantity(this.#bytes, bytes);
    this.#rejects += rejects;
    const at = time ?? arrival;
    if (at !== undefined) this.#timeline.add(at, bytes, rejects);
    if (!hasPair(flow)) return;
    if (this.#hosts) this.#addToHosts(this.#hosts, flow, { at, bytes, rejects });
    this.#outside?.add({ src: flow.source!, dst: flow.destination!, bytes, rejects, start, end });
  }

  /** Adds an egress record of a monitored source, or a flow that is left out. */
  #addDirection({ source, direction, isLeftOut, bytes }: ReportedFlow): void {
    if (source === undefined) return;
    const isEgress = direction === 'egress';
    if (isEgress && isInAnyNetwork(source, this.#rules.monitoredNetworks)) this.#sources.addEgress(source);
    if (!isLeftOut) return;
    this.#counts.leftOut += 1;
    if (!isEgress) this.#sources.addLeftOut(source, bytes ?? 0);
  }

  #addToHosts(
    hosts: HostActivityCounter,
    { source, destination, protocol, srcport, dstport }: ReportedFlow,
    sums: Pick<HostFlow, 'at' | 'bytes' | 'rejects'>,
  ): void {
    hosts.add({ src: source!, dst: destination!, ...sums, protocol, srcport, dstport });
  }
}

/** Returns the fields that rules read, and those that stand in for an address. */
function watchedFields(ruleSet: { readonly rules: readonly Rule[]; readonly series: readonly Series[] }): string[] {
  const fields = new Set(ruleSet.rules.flatMap((rule) => new RuleSight(rule, ruleSet).fields));
  for (const address of ['srcaddr', 'dstaddr']) if (fields.has(address)) fields.add(`pkt-${address}`);
  return [...fields];
}

/** Returns whether a flow has both endpoints. */
function hasPair({ source, destination }: ReportedFlow): boolean {
  return source !== undefined && destination !== undefined;
}
