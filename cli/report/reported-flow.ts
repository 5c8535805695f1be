import { epochSeconds } from '../../lambda/common/calendar.ts';
import { type Quantity, readQuantities } from '../../lambda/common/quantity.ts';
import { contribution, isPartOfPair } from '../../lambda/flow-log/contribution-column.ts';
import { type FlowColumns, type NumberColumn, noNumber, numberAt } from '../../lambda/flow-log/flow-columns.ts';
import { isInAnyNetwork, type Network } from '../../lambda/networks/ip-address.ts';
import type { ReadBatch } from '../../lambda/parse/read-records.ts';

/** A batch that was counted: its records, and their flows as columns. */
export interface BatchOfRows {
  readonly read: ReadBatch;
  readonly columns: FlowColumns;
  /** What each flow is for its pair, by row: see contributionColumn. */
  readonly contributions: Uint8Array;
}

/** What a report reads of a flow. A value is undefined if it is not available. Times are epoch seconds. */
export interface ReportedFlow {
  readonly status: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly action: string | undefined;
  readonly direction: string | undefined;
  readonly bytes: Quantity | undefined;
  /** The endpoints that the flow counts for: see flow-log/endpoints.ts. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly protocol: number | undefined;
  readonly srcport: number | undefined;
  readonly dstport: number | undefined;
  /** Whether the flow is part of its pair's bytes or rejects. */
  readonly isCounted: boolean;
  /** Whether the flow is a duplicate observation. */
  readonly isLeftOut: boolean;
}

/** Fields of a lake row (respond/lake-row.ts) that the report uses. */
export interface LakeFlow {
  readonly unreadable_line?: string;
  readonly unreadable_reason?: string;
  readonly log_status?: string | null;
  readonly action?: string | null;
  readonly bytes?: number | null;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly counted?: boolean;
  readonly flow_direction?: string | null;
  readonly srcaddr?: string | null;
  readonly dstaddr?: string | null;
  readonly pkt_srcaddr?: string | null;
  readonly pkt_dstaddr?: string | null;
  readonly protocol?: number | null;
  readonly srcport?: number | null;
  readonly dstport?: number | null;
  readonly [field: string]: unknown;
}

/** Returns the flow of a lake row. @param line the row as text, for the digits of large numbers */
export function flowOfLakeRow(row: LakeFlow, line: string, monitoredNetworks: readonly Network[]): ReportedFlow {
  return {
    status: row.log_status ?? undefined,
    start: secondsOf(row.start),
    end: secondsOf(row.end),
    action: row.action ?? undefined,
    direction: row.flow_direction ?? undefined,
    bytes: bytesOf(row, line),
    source: row.pkt_srcaddr ?? row.srcaddr ?? undefined,
    destination: row.pkt_dstaddr ?? row.dstaddr ?? undefined,
    protocol: row.protocol ?? undefined,
    srcport: row.srcport ?? undefined,
    dstport: row.dstport ?? undefined,
    isCounted: row.counted === true,
    isLeftOut: isLeftOut(row, monitoredNetworks),
  };
}

function secondsOf(time: number | null | undefined): number | undefined {
  return time === null || time === undefined ? undefined : epochSeconds(time);
}

/** Returns the bytes with all digits. Few flows exceed a safe integer; their rows are parsed again. */
function bytesOf({ bytes }: LakeFlow, line: string): Quantity | undefined {
  if (bytes === null || bytes === undefined || Number.isSafeInteger(bytes)) return bytes ?? undefined;
  return (JSON.parse(line, readQuantities as never) as { bytes: Quantity }).bytes;
}

/** Returns what isDuplicateObservation does. */
function isLeftOut(row: LakeFlow, monitoredNetworks: readonly Network[]): boolean {
  if (row.counted || row.action !== 'ACCEPT' || !row.flow_direction) return false;
  const source = row.pkt_srcaddr ?? row.srcaddr;
  const destination = row.pkt_dstaddr ?? row.dstaddr;
  const isMonitored = (address: string | null | undefined) =>
    typeof address === 'string' && isInAnyNetwork(address, monitoredNetworks);
  if (row.flow_direction !== 'egress') return isMonitored(source);
  const isForwarded = typeof row.srcaddr === 'string' && row.srcaddr !== source;
  return isForwarded && !isMonitored(source) && isMonitored(destination);
}

/** The flow in one row of a batch: set `row` to read another flow. */
export class FlowOfRow implements ReportedFlow {
  row = 0;
  readonly #columns: FlowColumns;
  readonly #contributions: Uint8Array;
  readonly #codes: Readonly<Record<'status' | 'action' | 'direction' | 'source' | 'destination', Int32Array>>;
  readonly #times: Readonly<Record<'start' | 'end', Float64Array>>;
  readonly #bytes: NumberColumn;

  /** @param contributions what each flow is for its pair: see contributionColumn */
  constructor(columns: FlowColumns, contributions: Uint8Array) {
    this.#columns = columns;
    this.#contributions = contributions;
    this.#codes = {
      status: columns.codes('log-status'),
      action: columns.codes('action'),
      direction: columns.codes('flow-direction'),
      source: columns.endpoints('srcaddr'),
      destination: columns.endpoints('dstaddr'),
    };
    this.#times = { start: columns.seconds('start'), end: columns.seconds('end') };
    this.#bytes = columns.numbers('bytes');
  }

  get status(): string | undefined {
    return this.#text('status');
  }

  get start(): number | undefined {
    return available(this.#times.start[this.row]!);
  }

  get end(): number | undefined {
    return available(this.#times.end[this.row]!);
  }

  get action(): string | undefined {
    return this.#text('action');
  }

  get direction(): string | undefined {
    return this.#text('direction');
  }

  get bytes(): Quantity | undefined {
    return numberAt(this.#bytes, this.row);
  }

  get source(): string | undefined {
    return this.#text('source');
  }

  get destination(): string | undefined {
    return this.#text('destination');
  }

  get protocol(): number | undefined {
    return this.#number('protocol');
  }

  get srcport(): number | undefined {
    return this.#number('srcport');
  }

  get dstport(): number | undefined {
    return this.#number('dstport');
  }

  get isCounted(): boolean {
    return isPartOfPair(this.#contributions[this.row]!);
  }

  get isLeftOut(): boolean {
    return this.#contributions[this.row] === contribution.duplicate;
  }

  #text(name: 'status' | 'action' | 'direction' | 'source' | 'destination'): string | undefined {
    return this.#columns.dictionary.textOf(this.#codes[name][this.row]!);
  }

  #number(name: string): number | undefined {
    return available(this.#columns.numbers(name).values[this.row]!);
  }
}

function available(value: number): number | undefined {
  return value === noNumber ? undefined : value;
}
