import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';

const logsource = 'logsource: {product: aws, service: vpcflow}';
const alert = 'alert: {suppress: 30d, escalate: [2, 4]}';

const texts = {
  rejects: `
title: Rejected
name: rejected
${logsource}
detection: {selection: {action: REJECT}, condition: selection}
---
title: Rejects
level: low
correlation: {type: event_count, rules: [rejected], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 2}}
${alert}
`,
  bytes: `
title: Accepted
name: accepted
${logsource}
detection: {selection: {action: ACCEPT}, condition: selection}
---
title: Bytes
level: high
correlation: {type: value_sum, rules: [accepted], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1500, field: bytes}}
${alert}
`,
  fan_out: `
title: Any
name: any
${logsource}
detection: {selection: {dstport: 22}, condition: selection}
---
title: Fan-out
level: medium
correlation: {type: value_count, rules: [any], group-by: [srcaddr], timespan: 1h, condition: {gte: 3, field: dstaddr}}
${alert}
`,
  busy_target: `
title: Any
name: any_at_a_target
${logsource}
detection: {selection: {dstport: 22}, condition: selection}
---
title: Busy target
level: informational
correlation: {type: event_count, rules: [any_at_a_target], group-by: [dstaddr], timespan: 1h, condition: {gte: 3}}
alert: {suppress: 30d, escalate: [2], ended: true}
`,
  in_use: `
title: Any
name: any_of_a_source
${logsource}
detection: {selection: {dstport: 22}, condition: selection}
---
title: In use
level: medium
correlation: {type: event_count, rules: [any_of_a_source], group-by: [srcaddr, dstport], timespan: 1h, condition: {gte: 3}}
flow_sentinel: {active_slots: {gte: 3}}
alert: {suppress: 30d}
`,
  let_in: `
title: Knock
name: knock
${logsource}
detection: {selection: {action: REJECT, dstport: 22}, condition: selection}
---
title: Enter
name: enter
${logsource}
detection: {selection: {action: ACCEPT, dstport: 22}, condition: selection}
---
title: Knocks
name: knocks
correlation: {type: event_count, rules: [knock], group-by: [srcaddr], timespan: 1h, condition: {gte: 2}}
---
title: Let in
level: critical
correlation: {type: temporal_ordered, rules: [knocks, enter], group-by: [srcaddr], timespan: 1h}
alert: {suppress: 30d}
`,
};

/**
 * Rules of several kinds and of every level, with thresholds that a few flows reach. oracle.ts has a second implementation of each. Of the
 * sources, only the first host is inside the monitored networks.
 */
export const chaosRuleSet: RuleSet = {
  ...compileRules(
    Object.entries(texts).map(([name, text]) => ({ path: `${name}.yml`, text })),
    new Map(),
  ),
  monitoredNetworks: [{ groups: [0x0a01, 0x0000], length: 32 }],
  internalNetworks: [],
};

/** The same rules in the reverse order, of a later version of the functions. */
export const laterChaosRuleSet: RuleSet = {
  ...chaosRuleSet,
  rules: chaosRuleSet.rules.toReversed(),
  series: chaosRuleSet.series.toReversed(),
};

export const chaosRules: LoadedRules = loadRules(chaosRuleSet);
export const laterChaosRules: LoadedRules = loadRules(laterChaosRuleSet);
