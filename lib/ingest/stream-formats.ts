import { FlowError } from '../../lambda/common/errors.ts';
import { logFormat, transitGatewayLogFormat } from '../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, parseFormat } from '../../lambda/flow-log/format.ts';
import type { Settings } from '../settings/settings.ts';

/** The function's environment has 4 KB for all variables (Lambda Developer Guide, "Lambda quotas"). */
const maxBytes = 3000;

/**
 * The formats of all flow logs that send to the stream, as field names, each once: our own, those of transit gateways
 * only where there are some, and those that the settings name. A log group's format is AWS's default unless it says
 * another.
 *
 * @throws FlowError `CONFIG_INVALID` when they are more than the function can be told
 */
export function streamFormats({
  logFormats,
  logGroups,
  transitGatewayIds,
}: Pick<Settings, 'logFormats' | 'logGroups' | 'transitGatewayIds'>): string[] {
  const said = [
    logFormat,
    ...(transitGatewayIds.length > 0 ? [transitGatewayLogFormat] : []),
    ...logFormats,
    ...logGroups.map(({ format = defaultFormat }) => format),
  ];
  const formats = [...new Set(said.map(namesOf))];
  const { length } = formats.join('\n');
  if (length <= maxBytes) return formats;
  throw new FlowError(
    'CONFIG_INVALID',
    `the formats of logFormats and logGroups come to ${length} characters with our own, got ${formats.length} formats, ` +
      `expected at most ${maxBytes}: give some flow logs another format, or a stage of their own`,
  );
}

function namesOf(text: string): string {
  const format = parseFormat(text);
  return 'problem' in format ? text : format.names.join(' ');
}
