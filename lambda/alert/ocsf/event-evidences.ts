import { defined } from '../../common/defined.ts';
import { printable, truncate } from '../../common/text.ts';
import type { ContextEvent, GuardDutyFinding, NamedInterface, NetworkChange } from '../../context/context-event.ts';
import { canonicalAddress } from '../../networks/ip-address.ts';
import { type Endpoint, type FindingEvidence, isId } from './evidences.ts';

/** The most hosts of a finding, and events, that are evidences. */
const maxEvidences = 8;

/** The most characters of a text of an event. */
const maxTextLength = 256;

/** Returns events as OCSF's evidences: an API call with its actor, or each host of a finding. */
export function eventEvidences(events: readonly ContextEvent[]): FindingEvidence[] {
  const all = events.flatMap((event) => (event.kind === 'finding' ? hostsOf(event) : [callOf(event)]));
  return all.slice(0, maxEvidences);
}

function hostsOf({ id, type, hosts }: GuardDutyFinding): FindingEvidence[] {
  const data = { finding: text(id), type: text(type) };
  if (hosts.length === 0) return [{ data }];
  return hosts.map((host) => ({ ...defined({ src_endpoint: endpointOf(host) }), data }));
}

function callOf({ event, service, who, from, id }: NetworkChange): FindingEvidence {
  const address = from === undefined ? undefined : canonicalAddress(from);
  const endpoint = defined({
    ip: address,
    svc_name: address === undefined && from !== undefined ? text(from) : undefined,
  });
  return {
    api: { operation: text(event), service: { name: text(service) } },
    actor: { user: { name: text(who) } },
    ...(Object.keys(endpoint).length > 0 && { src_endpoint: endpoint }),
    data: { eventID: text(id) },
  };
}

function endpointOf(host: NamedInterface): Endpoint | undefined {
  const idOf = (value: string | undefined) => (value !== undefined && isId(value) ? value : undefined);
  const endpoint = defined({
    ip: host.addresses[0],
    interface_uid: idOf(host.interface),
    instance_uid: idOf(host.instance),
    subnet_uid: idOf(host.subnet),
    vpc_uid: idOf(host.vpc),
  });
  return Object.keys(endpoint).length > 0 ? endpoint : undefined;
}

function text(value: string): string {
  return truncate(printable(value), maxTextLength);
}
