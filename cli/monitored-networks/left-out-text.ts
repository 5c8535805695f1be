import { byteSize, formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { networkText } from '../../lambda/networks/ip-address.ts';
import type { UnloggedSources } from '../statistics/source-observations.ts';
import type { MonitoredNetworks } from './monitored-networks.ts';

/** Maximum numbers of shown networks and sources, so that a line fits a terminal. */
const maxNetworks = 3;
const maxSources = 1;

/** The monitored networks of a run, and what they leave out. */
export interface Monitoring {
  readonly monitored: MonitoredNetworks;
  /**
   * Number of accepted flows that are left out, since another interface logs them too. Undefined if no format has
   * `flow-direction`.
   */
  readonly leftOut: number | undefined;
  /** Sources of these flows that have no egress records; undefined if there are none, or if nobody looks for them. */
  readonly unlogged?: UnloggedSources | undefined;
}

/** Returns the lines that say which networks are monitored, how many flows are left out, and which may be missed. */
export function leftOutLines({ monitored, leftOut, unlogged }: Monitoring): string[] {
  const { networks, source } = monitored;
  if (leftOut === undefined) return networks.length === 0 ? [] : [withoutDirection];
  if (networks.length === 0) return [noNetworksText(monitored)];
  const named = listed(networks.map(networkText), maxNetworks, networks.length);
  const flows = leftOut === 1 ? '1 flow' : `${formatInteger(leftOut)} flows`;
  return [
    `${flows} left out: also logged at another interface (monitored networks: ${named}, from ${source})`,
    ...(unlogged ? [unloggedText(unlogged)] : []),
  ];
}

const withoutDirection =
  'no flow left out, since the format has no flow-direction: flows logged at both ends count twice';

function noNetworksText({ needsStage = false }: MonitoredNetworks): string {
  const remedy = needsStage
    ? 'choose a stage of flow-sentinel.json by --stage, or give --monitored-networks'
    : 'name the networks by --monitored-networks or in flow-sentinel.json';
  return `flows logged at both ends count twice: ${remedy}`;
}

/** Formats the lines below a table; empty without `flow-direction`. */
export function leftOutText(monitoring: Monitoring | undefined): string {
  return monitoring
    ? leftOutLines(monitoring)
        .map((line) => `  ${printable(line)}\n`)
        .join('')
    : '';
}

function unloggedText({ sources, isComplete, flows, bytes, examples }: UnloggedSources): string {
  const addresses = examples.map(({ address }) => address);
  const names = listed(addresses, maxSources, sources, isComplete ? '' : 'at least ');
  const [question, owner] =
    sources === 1 ? ['has no egress records here: is it', 'Its'] : ['have no egress records here: are they', 'Their'];
  const traffic =
    flows === 1 ? `flow (${byteSize(bytes)}) is` : `${formatInteger(flows)} flows (${byteSize(bytes)}) are`;
  return `${names} ${question} logged? ${owner} ${traffic} not counted`;
}

/** Joins the first names, and the number of the others of a total. */
function listed(names: readonly string[], max: number, total: number, bound = ''): string {
  const shown = names.slice(0, max);
  const more = total - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${bound}${formatInteger(more)} more` : ''}`;
}

/** Returns the JSON of the monitored networks and of unlogged sources, as properties of a document. */
export function monitoringJson({ monitored: { networks, source }, unlogged }: Monitoring): Record<string, unknown> {
  return {
    monitoredNetworks: { networks: networks.map(networkText), source: source ?? null },
    ...(unlogged && { sourcesWithoutEgress: unlogged }),
  };
}
