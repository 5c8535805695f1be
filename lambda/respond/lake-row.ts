import { isCounted } from '../flow-log/contribution.ts';
import { notAvailable } from '../flow-log/fields.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { Network } from '../networks/ip-address.ts';
import type { Line } from '../parse/parse-line.ts';

/**
 * The JSON line that goes on to S3 for a line of a flow log, with its line break; nothing for a header. A flow has AWS's
 * field names with `_` for `-`, numbers as numbers, null for what is not available, and `counted`: whether it is part of
 * its pair's bytes or rejects. A line that could not be read has its text and the reason.
 */
export function toLakeRow(line: Line, monitoredNetworks: readonly Network[]): string {
  switch (line.kind) {
    case 'flow':
      return `${flowJson(line.flow, isCounted(line.flow, monitoredNetworks))}\n`;
    case 'header':
      return '';
    case 'unreadable':
      return `${JSON.stringify({ unreadable_line: line.text, unreadable_reason: line.reason })}\n`;
  }
}

function flowJson(flow: Flow, counted: boolean): string {
  let json = '';
  for (const [place, member] of flow.format.members.entries()) {
    const value = flow.value(place);
    if (value === notAvailable) json += member.nullMember;
    // A number's digits go on as they came, so that all 64 bits do.
    else json += member.prefix + (member.isNumber ? value : JSON.stringify(value));
  }
  return `${json},"counted":${counted}}`;
}
