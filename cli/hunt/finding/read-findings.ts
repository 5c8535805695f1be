import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import { mergeFindings } from '../../../lambda/context/merge-findings.ts';
import { severityRank } from '../../../lambda/rules/level.ts';
import { readEvents } from '../../context/read-context.ts';
import { InputError } from '../../terminal/input-error.ts';

/** The options that choose findings. */
export interface FindingOptions {
  /** The ids of the findings (default: all). */
  readonly id?: readonly string[];
  /** Whether sample findings count (default: false). */
  readonly sampleFindings?: boolean;
}

/** The most findings of one run: each asks three questions. */
const maxFindings = 20;

/** The findings to answer, and the number of those that are left out. */
export interface ChosenFindings {
  /** The most severe first, then the latest: at most 20. */
  readonly findings: readonly GuardDutyFinding[];
  readonly leftOut: number;
}

/**
 * Reads the findings of a file, each once with what all of its states say.
 *
 * @param path a file or a folder, in any form that readEvents reads
 * @throws InputError if there is no finding, or none with a wanted id
 */
export async function readFindings(
  path: string,
  { id: ids, sampleFindings = false }: FindingOptions,
  signal: AbortSignal,
): Promise<ChosenFindings> {
  const { events, ignored } = await readEvents([path], sampleFindings, signal);
  const byId = new Map<string, GuardDutyFinding>();
  for (const { event } of events) {
    if (event.kind !== 'finding') continue;
    const known = byId.get(event.id);
    byId.set(event.id, known ? mergeFindings(known, event) : event);
  }
  if (byId.size === 0) {
    const samples = ignored.get('sample finding') ?? 0;
    const reason = samples > 0 ? 'it has only sample findings, which --sample-findings reads' : 'it has no finding';
    throw new InputError(`${path}: ${reason}; expected findings of GuardDuty`);
  }
  const missing = ids?.find((id) => !byId.has(id));
  if (missing !== undefined) {
    const [first] = byId.keys();
    throw new InputError(
      `--id is invalid: got ${JSON.stringify(missing)}, expected an id in ${path}, such as ${first}`,
    );
  }
  const chosen = [...byId.values()]
    .filter(({ id }) => ids === undefined || ids.includes(id))
    .sort((a, b) => severityRank(a.level) - severityRank(b.level) || b.last - a.last || (a.id < b.id ? -1 : 1));
  return { findings: chosen.slice(0, maxFindings), leftOut: Math.max(0, chosen.length - maxFindings) };
}
