/** Aggregates a batch of as many lines as a batch may have, each of another pair, and prints the number of updates. */
import { collect } from '../../../lambda/aggregate/aggregate.ts';
import { noRefusedLimits } from '../../../lambda/aggregate/refused.ts';
import { FlowRows } from '../../../lambda/flow-log/flow-rows.ts';
import { defaultFormat, parseFormat } from '../../../lambda/flow-log/format.ts';
import { parseLines } from '../../../lambda/parse/parse-line.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { epoch, lineOf } from '../../support/flows.ts';

const lines = () =>
  Array.from({ length: 200_000 }, (_, n) =>
    lineOf({
      srcaddr: `93.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
      dstaddr: '10.0.2.7',
      dstport: 22,
      action: 'REJECT',
    }),
  );
const format = parseFormat(defaultFormat);
if ('problem' in format) throw new Error(format.problem);
const rows = new FlowRows();
parseLines(lines(), [format], rows);
rows.setUnknownArrivals(epoch);
const rules = loadRules(compileRuleDirectory());
const { deltas } = collect(rules.columnsOf(rows), rules).aggregate(noRefusedLimits);
process.stdout.write(JSON.stringify({ flows: rows.length, updates: deltas.length }));
