import { FlowError } from '../../lambda/common/errors.ts';
import { logFormat, transitGatewayLogFormat } from '../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, parseFormat } from '../../lambda/flow-log/format.ts';
import type { Settings } from '../settings/settings.ts';

/** All variables of the function's environment together have at most 4 KB (Lambda Developer Guide, "Lambda quotas"). */
const maxBytes = 3000;

/**
 * Returns the formats of all flow logs that send to the stream, as field names and without duplicates. These are the
 * stack's own format, that of transit gateways if there are any, and those of the settings. A log group without a format
 * has AWS's default format.
 *
 * @throws FlowError `CONFIG_INVALID` if the formats do not fit into the function's environment
 */
export function streamFormats({
  logFormats,
  logGroups,
  transitGatewayIds,
}: Pick<Settings, 'logFormats' | 'logGroups' | 'transitGatewayIds'>): string[] {
  const all = [
    logFormat,
    ...(transitGatewayIds.length > 0 ? [transitGatewayLogFormat] : []),
    ...logFormats,
    ...logGroups.map(({ format = defaultFormat }) => format),
  ];
  const formats = [...new Set(all.map(namesOf))];
  const { length } = formats.join('\n');
  if (length <= maxBytes) return formats;
  throw new FlowError(
    'CONFIG_INVALID',
    `the formats of logFormats and logGroups are too long: got ${formats.length} formats with ${length} characters, ` +
      `expected at most ${maxBytes} characters; use the same format for more flow logs, or another stage`,
  );
}

function namesOf(text: string): string {
  const format = parseFormat(text);
  return 'problem' in format ? text : format.names.join(' ');
}
