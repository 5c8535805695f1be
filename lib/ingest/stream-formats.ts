import { FlowError } from '../../lambda/common/errors.ts';
import { logFormat, logFormatWith, transitGatewayLogFormat } from '../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, parseFormat } from '../../lambda/flow-log/format.ts';
import type { Settings } from '../settings/settings.ts';

/** The settings that name formats. */
type FormatSettings = Pick<Settings, 'logFormats' | 'logGroups' | 'tagFields' | 'transitGatewayIds'>;

/** A format in AWS's notation or as field names, and the flow logs that have it. */
export interface NamedFormat {
  readonly name: string;
  readonly format: string;
}

/** All variables of the function's environment together have at most 4 KB (Lambda Developer Guide, "Lambda quotas"). */
const maxBytes = 3000;

/**
 * Returns the formats of all flow logs that send to the stream, as field names and without duplicates. These are the
 * stack's own format, that of transit gateways if there are any, and those of the settings. A log group without a format
 * has AWS's default format. With tag fields, the format without these follows: records from before the setting have it,
 * also failed ones, and flow logs of other accounts may keep it.
 *
 * @throws FlowError `CONFIG_INVALID` if the formats do not fit into the function's environment
 */
export function streamFormats(settings: FormatSettings): string[] {
  const all = [...namedFormats(settings).map(({ format }) => format), logFormat];
  const formats = [...new Set(all.map(namesOf))];
  const { length } = formats.join('\n');
  if (length <= maxBytes) return formats;
  throw new FlowError(
    'CONFIG_INVALID',
    `the formats of logFormats and logGroups are too long: got ${formats.length} formats with ${length} characters, ` +
      `expected at most ${maxBytes} characters; use the same format for more flow logs, or another stage`,
  );
}

/** Returns the formats of all flow logs that send to the stream, each with the name of the flow logs. */
export function namedFormats({ logFormats, logGroups, tagFields, transitGatewayIds }: FormatSettings): NamedFormat[] {
  return [
    { name: "flow logs in the stack's format", format: logFormatWith(tagFields) },
    ...(transitGatewayIds.length > 0
      ? [{ name: 'flow logs of transit gateways', format: transitGatewayLogFormat }]
      : []),
    ...logFormats.map((format, index) => {
      const name = format === defaultFormat ? "AWS's default format" : `format ${index + 1} of logFormats`;
      return { name: `flow logs in ${name}`, format };
    }),
    ...logGroups.map(({ name, format = defaultFormat }) => ({ name: `log group ${name}`, format })),
  ];
}

function namesOf(text: string): string {
  const format = parseFormat(text);
  return 'problem' in format ? text : format.names.join(' ');
}
