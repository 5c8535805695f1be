import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { table } from '../terminal/text-table.ts';
import type { RegionFiles } from './collected-folder.ts';
import type { CollectedRegion } from './collected-regions.ts';

/** The result of a run; the keys are part of the JSON that the command prints. */
export interface CollectResult {
  readonly out: string;
  readonly regions: readonly (CollectedRegion & { readonly files: RegionFiles })[];
  /** The regions that failed; their earlier files are unchanged. */
  readonly failed: readonly { readonly region: string; readonly problem: string }[];
}

/** Formats a result for people: a table of the regions, and what to do next. */
export function collectText({ out, regions, failed }: CollectResult): string {
  const rows = regions.flatMap(({ region, interfaces, instances, files }) => [
    [region, formatInteger(interfaces), formatInteger(instances), files.networkInterfaces],
    ['', '', '', files.instances],
  ]);
  const head = ['region', 'interfaces', 'instances', 'files'];
  const collected = regions.length === 0 ? 'Nothing was collected.\n' : table(head, rows, [1, 2]);
  const again = failed.map(({ region }) => ` --region ${region}`).join('');
  const next =
    failed.length === 0
      ? `give --names ${shellQuote(out)} to a command that names addresses (docs/analyse/names.md). Collect again when the network has changed.`
      : `remove the cause that standard error names, and run npx flow-sentinel collect --out ${shellQuote(out)}${again}`;
  return `${collected}Next: ${next}\n`;
}
