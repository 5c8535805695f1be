import { seededRandom } from '../../events/scenarios/random.ts';
import { logFields } from '../../lambda/flow-log/deployed-format.ts';
import { type Format, parseFormat } from '../../lambda/flow-log/format.ts';

/** The format of lines: that of AWS's default, without a header, or that of the deployed flow logs, after a header. */
export type LineFormat = 'default' | 'deployed';

/** Generated flow log lines. */
export interface FlowLogLines {
  readonly lines: number;
  /** The number of pairs; a few of them have most of the lines. */
  readonly pairs: number;
  /** Default: `default`. */
  readonly format?: LineFormat;
}

/** The version of a line is the highest of its fields. */
const deployedVersion = (parseFormat(logFields.join(' ')) as Format).version;

const interfaces = 50;
const ports = [443, 80, 22, 53, 5432];
/** 2026-11-24 00:00 UTC, the end of the day of the lines. */
const dayEnd = 1_795_478_400;

/**
 * Generates a day of lines of VPC Flow Logs, in order of time; the same lines each time. The cube of a random number selects
 * the pair, so that an eighth of the pairs have half of the lines. A tenth of the lines are rejects.
 */
export function* flowLogLines({ lines, pairs, format = 'default' }: FlowLogLines): Generator<string> {
  const { below, between, pick } = seededRandom(1);
  const address = (host: number) => `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
  const endpointPairs = Array.from({ length: pairs }, () => {
    const destination = below(2) === 0 ? address(below(1 << 20)) : `198.${between(18, 19)}.${below(256)}.${below(256)}`;
    return `${address(below(1 << 20))} ${destination}`;
  });
  if (format === 'deployed') yield logFields.join(' ');
  for (let line = 0; line < lines; line += 1) {
    const pair = endpointPairs[Math.floor((below(2 ** 31) / 2 ** 31) ** 3 * pairs)]!;
    const end = dayEnd - 86_400 + Math.floor((line / lines) * 86_400);
    const packets = between(1, 200);
    const host = (line % interfaces).toString(16).padStart(17, '0');
    const [protocol, action] = [below(5) === 0 ? 17 : 6, below(10) === 0 ? 'REJECT' : 'ACCEPT'];
    const sent = packets * between(40, 1440);
    const flow = `${between(1024, 65_535)} ${pick(ports)} ${protocol} ${packets} ${sent} ${end - 60} ${end} ${action}`;
    if (format === 'default') yield `2 123456789012 eni-${host} ${pair} ${flow} OK`;
    else
      yield `${deployedVersion} 123456789012 eni-${host} ${endpointsOf(pair, line)} ${flow} ${observationOf(pair, line)} ${vpcOf(host)}`;
  }
}

/** Returns the addresses of a flow's interfaces: those of its packets, or the gateway's for every seventh flow. */
function endpointsOf(pair: string, line: number): string {
  return line % 7 === 0 ? `10.255.0.9 ${pair.split(' ')[1]}` : pair;
}

/** Returns the fields from the direction of a flow to the reason of its reject. */
function observationOf(pair: string, line: number): string {
  const isEgress = line % 2 === 0;
  return `${isEgress ? 'egress' : 'ingress'} ${line % 3 === 0 ? 2 : 19} ${pair} - - ${isEgress ? 1 : '-'} -`;
}

function vpcOf(host: string): string {
  return `i-${host} subnet-${host} vpc-${host} use1-az1 us-east-1 OK`;
}
