import { openFlowFiles } from '../../cli/flow-files/open.ts';
import { createMemoryEngine } from '../../cli/replay/memory-engine.ts';
import { replayFiles } from '../../cli/replay/replay-files.ts';
import { ReportCollector } from '../../cli/report/report-collector.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Sends a file through the pipeline as `replay` does, and throws its alerts away. */
export async function replayFile(path: string, rules: LoadedRules): Promise<void> {
  const files = await openFlowFiles([path]);
  const judging = createMemoryEngine({ formats: files.formats, rules });
  const collector = new ReportCollector(rules, files.formats);
  await replayFiles(files, judging.invoke, { label: 'replay', collector, signal: new AbortController().signal });
  await judging.stop();
}
