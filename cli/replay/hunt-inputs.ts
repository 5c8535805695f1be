import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { networksName } from '../../sigma/default-rules.ts';
import type { TimeRangeOptions } from '../flow-files/time-range.ts';
import { monitoredNetworkWords } from '../monitored-networks/monitored-networks.ts';
import type { HuntInputs } from '../report/page/report-data.ts';
import type { RunOptions } from './run-events.ts';

/** Returns the arguments with which `hunt` reads what a run reads, and counts what the run counts. */
export function huntInputs(paths: readonly string[], options: RunOptions & TimeRangeOptions): HuntInputs {
  const { rules, networks, format = [], from, to } = options;
  // A folder of rules may have networks: see sigma/rule-directory.ts.
  const ofRules = rules === undefined ? undefined : join(rules, networksName);
  const used = networks ?? (ofRules !== undefined && existsSync(ofRules) ? ofRules : undefined);
  return {
    words: [
      ...paths,
      ...(used === undefined ? [] : ['--networks', used]),
      ...monitoredNetworkWords(options),
      ...format.flatMap((one) => ['--format', one]),
    ],
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}
