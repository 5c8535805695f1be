import { styleText } from 'node:util';
import { printable } from '../../lambda/common/text.ts';
import { parseFormat } from '../../lambda/flow-log/format.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { type FormatSource, formatSources, sightRemedy, statedFlowLogs } from '../../lib/ingest/format-sources.ts';
import { readSettingsFile } from '../../lib/settings/load-settings.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { type BlindRule, blindRules, blindText } from '../../sigma/lint/blind-rules.ts';
import { InputError } from '../terminal/input-error.ts';
import { table } from '../terminal/text-table.ts';

/** A rule that cannot see all flows of some flow logs; `--json` prints it. */
export interface BlindInFlowLogs extends Pick<BlindRule, 'rule' | 'level' | 'state' | 'needs'> {
  /** The names of the flow logs. */
  readonly flowLogs: string;
  /** What makes the rule see more of them, in a sentence. */
  readonly remedy: string;
}

/**
 * Returns the flow logs whose formats the rules are checked for: those of `--format`, or of all stages in
 * flow-sentinel.json.
 *
 * @throws InputError if a given format is invalid; FlowError `CONFIG_INVALID` if the settings are
 */
export function checkedFlowLogs(given: readonly string[] | undefined): FormatSource[] {
  if (given) return formatSources(given.map(givenFormat));
  const stages = readSettings({}, readSettingsFile());
  return stages.flatMap(({ name: stage, settings }) =>
    statedFlowLogs(settings).map((source) =>
      stages.length > 1 ? { ...source, name: `${source.name} (stage ${stage})` } : source,
    ),
  );
}

function givenFormat(format: string, index: number) {
  const parsed = parseFormat(format);
  if ('problem' in parsed) throw new InputError(`--format: ${parsed.problem}`);
  return { name: `flow logs in format ${index + 1} of --format`, format };
}

/** Returns the rules that are blind for flow logs, those of the same flow logs together. */
export function blindInFlowLogs(ruleSet: RuleSet, flowLogs: readonly FormatSource[]): BlindInFlowLogs[] {
  return flowLogs.flatMap((source) =>
    blindRules(ruleSet, [source]).map(({ blindFor: _, ...blind }) => ({
      ...blind,
      flowLogs: source.name,
      remedy: sightRemedy(source, [blind.needs]),
    })),
  );
}

/** Formats a section for each of several flow logs, and how the rules can see them. */
export function blindSections(blind: readonly BlindInFlowLogs[]): string[] {
  if (blind.length === 0) return [];
  const sections = [...Map.groupBy(blind, ({ flowLogs }) => flowLogs)].map(([flowLogs, rules]) => {
    const head = styleText(['bold', 'yellow'], `Rules that cannot see ${printable(flowLogs)}`, {
      stream: process.stdout,
    });
    const rows = rules.map((one) => [one.rule, one.level, blindText(one)]);
    return `${head}\n${table(['rule', 'level', 'sight'], rows, [])}`;
  });
  return [...sections, [...new Set(blind.map(({ remedy }) => `  ${remedy}\n`))].join('')];
}
