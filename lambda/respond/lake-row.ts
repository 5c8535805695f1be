import { notAvailable } from '../flow-log/fields.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { Line } from '../parse/parse-line.ts';

/**
 * Returns the JSON line of the lake, with its line break, for a line of a flow log; empty for a header. A flow has AWS's
 * field names with `_` for `-`, numbers as numbers, null for values that are not available, and `counted`: whether its
 * pair's bytes or rejects include it. An unreadable line has its text and the reason.
 *
 * @param isCounted of a flow: see isPartOfPair
 */
export function toLakeRow(line: Line, isCounted: boolean): string {
  switch (line.kind) {
    case 'flow':
      return `${flowJson(line.flow, isCounted)}\n`;
    case 'header':
      return '';
    case 'unreadable':
      return `${JSON.stringify({ unreadable_line: line.text, unreadable_reason: line.reason })}\n`;
  }
}

function flowJson(flow: Flow, counted: boolean): string {
  let json = '';
  for (const [index, member] of flow.format.members.entries()) {
    const value = flow.value(index);
    if (value === notAvailable) json += member.nullMember;
    // A number's digits are copied, so that all 64 bits survive.
    else json += member.prefix + (member.isNumber ? value : JSON.stringify(value));
  }
  return `${json},"counted":${counted}}`;
}
