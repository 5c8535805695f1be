import type { Scope } from '../../lambda/flow-log/scope.ts';
import { enrichedPaths } from '../../lambda/rules/event-source.ts';
import type { Series } from '../../lambda/rules/model.ts';
import type { Problem } from './problem.ts';

/** The paths whose values name an interface or a host, and so a VPC: ours, and those of a finding of GuardDuty. */
const hostPaths = [
  'resource.instanceDetails.',
  'service.action.networkConnectionAction.local',
  enrichedPaths.addresses,
];

/**
 * Returns the problem of a rule on flows and events whose key names no host, if counters have the VPC in their scope. The VPC
 * of such events is unknown, so they would never meet the flows.
 *
 * @param series the series of the rule
 */
export function vpcProblems(series: readonly Series[], scope: Scope | undefined): Problem[] {
  const ofEvents = series.filter(({ source }) => source !== undefined);
  if (scope !== 'vpc' || ofEvents.length === series.length) return [];
  const namesHost = ({ groupFields }: Series) =>
    groupFields.some((path) => hostPaths.some((known) => path.startsWith(known)));
  if (ofEvents.every(namesHost)) return [];
  const text = `the scope vpc needs the VPC of each event, which is known by its host only; expected an alias for ${enrichedPaths.addresses}, or for a field below resource.instanceDetails`;
  return [{ path: ['correlation', 'group-by'], text }];
}
