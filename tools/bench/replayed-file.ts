import { openFlowFiles } from '../../cli/flow-files/open.ts';
import { createMemoryEngine } from '../../cli/replay/memory-engine.ts';
import { replayFiles } from '../../cli/replay/replay-files.ts';
import { ReportCollector } from '../../cli/report/report-collector.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Replays a file as `replay` does, and discards its alerts. */
export async function replayFile(path: string, rules: LoadedRules): Promise<void> {
  const files = await openFlowFiles([path]);
  const engine = createMemoryEngine({ formats: files.formats, rules });
  const collector = new ReportCollector(rules, files.formats);
  await replayFiles(files, engine, { label: 'replay', collector, signal: new AbortController().signal });
  await engine.stop();
}
