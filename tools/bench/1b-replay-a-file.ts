import { formatInteger } from '../../lambda/common/format-units.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { type Part, timesAsFast } from './benchmark.ts';
import { compare, processorSeconds } from './compare.ts';
import { flowLogFile } from './flow-log-file.ts';
import { replayFile } from './replayed-file.ts';

/** Measures `replay` of a file with the shipped rules, and without rules. */
export const replayAFile: Part = {
  number: '1b',
  title: 'replay of a file with the default rules, against the same without rules',
  async run(bench) {
    const lines = bench.isQuick ? 2000 : 100_000;
    const path = await flowLogFile({ lines, pairs: 40_000 });
    const ruleSet = compileRuleDirectory();
    const rules = loadRules(ruleSet);
    const noRules = loadRules({ ...ruleSet, rules: [], series: [], filters: [] });
    bench.say(`${formatInteger(lines)} lines, with ${rules.rules.size} rules and without rules`);
    const run = (loaded: LoadedRules) => async () => ({
      seconds: await processorSeconds(() => replayFile(path, loaded)),
    });
    const measured = await compare(
      { rules: run(rules), noRules: run(noRules) },
      { rounds: bench.isQuick ? 1 : 3, warmUp: 1 },
    );
    bench.add(
      timesAsFast({
        id: '1b',
        name: `replay with ${rules.rules.size} rules, against none: processor time (s)`,
        ours: measured.rules.seconds,
        peer: measured.noRules.seconds,
        target: { compare: '>=', value: 0.6 },
      }),
    );
  },
};
