import { isTagField } from '../../lambda/common/tag-text.ts';
import { defaultFormat, parseFormat } from '../../lambda/flow-log/format.ts';
import type { FlowSource } from '../../sigma/lint/blind-rules.ts';
import type { NeededFields } from '../../sigma/lint/needed-fields.ts';
import { looksUpVpcs, type Settings } from '../settings/settings.ts';
import { type NamedFormat, namedFormats } from './stream-formats.ts';

/** Flow logs that have the same fields. */
export interface FormatSource extends FlowSource {
  /** The flow logs, such as `log group /vpc/a, log group /vpc/b`. */
  readonly name: string;
}

/**
 * Returns the flow logs that the settings state. Every stack reads AWS's default format, the default of `logFormats`. If
 * the settings name where flow logs come from, that format alone states none.
 */
export function statedFlowLogs(settings: Settings): FormatSource[] {
  const isDefault = settings.logFormats.length === 1 && settings.logFormats[0] === defaultFormat;
  if (!isDefault) return formatSources(namedFormats(settings));
  if (namesSources(settings)) return formatSources(namedFormats({ ...settings, logFormats: [] }));
  return formatSources(namedFormats(settings)).map((source) => ({ ...source, name: `${source.name}, if you add any` }));
}

function namesSources(settings: Settings): boolean {
  const { vpcIds, subnetIds, networkInterfaceIds, transitGatewayIds, logGroups, senderAccountIds } = settings;
  const named = [vpcIds, subnetIds, networkInterfaceIds, transitGatewayIds, logGroups, senderAccountIds];
  return looksUpVpcs(settings) || named.some(({ length }) => length > 0);
}

/** Returns flow logs by their fields. Formats that are invalid are left out: whoever reads them reports them. */
export function formatSources(formats: readonly NamedFormat[]): FormatSource[] {
  const sources = new Map<string, { names: string[]; fields: ReadonlySet<string> }>();
  for (const { name, format: text } of formats) {
    const format = parseFormat(text);
    if ('problem' in format) continue;
    const key = format.names.toSorted().join();
    const known = sources.get(key);
    if (known) known.names.push(name);
    else sources.set(key, { names: [name], fields: new Set(format.names) });
  }
  return [...sources.values()].map(({ names, fields }) => ({ name: names.join(', '), fields }));
}

/**
 * Returns what makes rules see more of flow logs. A transit gateway rejects nothing, so no format of its flow logs has
 * `action` (Transit Gateway User Guide, "Flow Logs").
 *
 * @param needs what the rules need
 */
export function sightRemedy({ fields }: Pick<FormatSource, 'fields'>, needs: readonly NeededFields[]): string {
  if (fields.has('tgw-id'))
    return 'Transit gateways log no action. For counts and alerts, log the VPCs behind them: docs/deploy/log-sources.md#transit-gateways';
  const needed = needs.flat(2);
  return [
    ...(needed.some(isTagField)
      ? [
          'For tags in the flow logs of the stack, set tagFields in flow-sentinel.json: docs/deploy/log-sources.md#tags-in-the-records',
        ]
      : []),
    ...(needed.every(isTagField) && needed.length > 0
      ? []
      : ['Add the fields to the format of these flow logs: docs/deploy/log-sources.md#blind-rules']),
  ].join('. ');
}
