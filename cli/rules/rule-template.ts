import { randomUUID } from 'node:crypto';

/** The types of correlations with a template (Sigma Correlation Rules Specification 2.1). */
export const templateTypes = ['event_count', 'value_sum', 'value_count', 'temporal_ordered'] as const;
export type TemplateType = (typeof templateTypes)[number];

/** The parts of a template that depend on the type. */
interface Template {
  /** The selections of each detection, by the end of its name. */
  readonly detections: Readonly<Record<string, string>>;
  readonly groupBy: string;
  readonly condition: string;
  readonly escalate: string;
  /** Flows that alert, flows just below, and harmless flows. */
  readonly alerts: readonly string[];
  readonly below: readonly string[];
  readonly harmless: readonly string[];
  readonly keys: string;
}

const fromInside = `  from_inside:
    srcaddr|cidr|expand: "%internal_networks%"
  condition: selection and not from_inside
`;

const database = '  selection:\n    action: REJECT\n    dstport: [3306, 5432]\n';
const toDatabase = 'dstaddr: 10.0.2.7, dstport: 5432';
const login = 'dstaddr: 10.0.2.7, dstport: 22';
const pairKey = '{ srcaddr: 198.18.7.7, dstaddr: 10.0.2.7 }';

const templates: Readonly<Record<TemplateType, Template>> = {
  event_count: {
    detections: { flow: database + fromInside },
    groupBy: 'srcaddr, dstaddr',
    condition: 'gte: 5',
    escalate: '  escalate: [2, 10]\n',
    alerts: [`{ srcaddr: 198.18.7.7, ${toDatabase}, action: REJECT, repeat: 5, every: 10m }`],
    below: [`{ srcaddr: 198.18.7.7, ${toDatabase}, action: REJECT, repeat: 4, every: 10m }`],
    harmless: [`{ srcaddr: 10.0.1.5, ${toDatabase}, action: REJECT, repeat: 50, every: 1m }`],
    keys: pairKey,
  },
  value_sum: {
    detections: {
      flow: `  selection:
    action: ACCEPT
    srcaddr|cidr|expand: "%internal_networks%"
  to_inside:
    dstaddr|cidr|expand: "%internal_networks%"
  condition: selection and not to_inside
`,
    },
    groupBy: 'srcaddr, dstaddr',
    condition: 'field: bytes\n    gte: 100000000',
    escalate: '  escalate: [2, 10]\n',
    alerts: ['{ srcaddr: 10.0.1.5, dstaddr: 198.18.7.7, bytes: 25000000, repeat: 4, every: 10m }'],
    below: ['{ srcaddr: 10.0.1.5, dstaddr: 198.18.7.7, bytes: 24999999, repeat: 4, every: 10m }'],
    harmless: ['{ srcaddr: 10.0.1.5, dstaddr: 10.0.2.7, bytes: 25000000, repeat: 50, every: 1m }'],
    keys: '{ srcaddr: 10.0.1.5, dstaddr: 198.18.7.7 }',
  },
  value_count: {
    detections: { flow: database + fromInside },
    groupBy: 'srcaddr',
    condition: 'field: dstaddr\n    gte: 10',
    escalate: '  escalate: [2, 10]\n',
    alerts: ['{ srcaddr: 198.18.7.7, dstaddr: "10.0.2.{1..10}", dstport: 5432, action: REJECT, every: 1m }'],
    below: ['{ srcaddr: 198.18.7.7, dstaddr: "10.0.2.{1..9}", dstport: 5432, action: REJECT, every: 1m }'],
    harmless: ['{ srcaddr: 10.0.1.5, dstaddr: "10.0.2.{1..50}", dstport: 5432, action: REJECT, every: 1m }'],
    keys: '{ srcaddr: 198.18.7.7 }',
  },
  temporal_ordered: {
    detections: {
      rejected: `  selection:\n    action: REJECT\n    dstport: 22\n${fromInside}`,
      accepted: `  selection:\n    action: ACCEPT\n    dstport: 22\n${fromInside}`,
    },
    groupBy: 'srcaddr, dstaddr',
    condition: '',
    escalate: '',
    alerts: [
      `{ srcaddr: 198.18.7.7, ${login}, action: REJECT }`,
      `{ srcaddr: 198.18.7.7, ${login}, action: ACCEPT, at: 10m }`,
    ],
    below: [`{ srcaddr: 198.18.7.7, ${login}, action: REJECT }`],
    harmless: [`{ srcaddr: 10.0.1.5, ${login}, action: REJECT }`, `{ srcaddr: 10.0.1.5, ${login}, at: 10m }`],
    keys: pairKey,
  },
};

/** Returns the text of a new rule, which is valid. @param today in UTC, such as `2026-12-31` */
export function ruleText(name: string, type: TemplateType, today: string): string {
  const { detections, groupBy, condition, escalate } = templates[type];
  const names = Object.keys(detections).map((end) => `${name}_${end}`);
  return `${Object.values(detections)
    .map((selections, index) => detectionText(names[index]!, selections))
    .join('')}title: "TODO: the event that an alert reports"
id: ${randomUUID()}
# An experimental rule counts, but sends no notifications. Set test or stable to send them.
status: experimental
description: >
  TODO: who does what, and why it matters.
date: ${today}
tags: [] # TODO: MITRE ATT&CK techniques, such as attack.t1046
falsepositives:
  - "TODO: harmless causes"
level: medium
correlation:
  # TODO: set ${condition === '' ? 'the time and the grouping' : 'the threshold, the time and the grouping'}: docs/rules/writing-rules.md, "Correlation".
  type: ${type}
  rules: [${names.join(', ')}]
  group-by: [${groupBy}]
  timespan: 1h
${condition === '' ? '' : `  condition:\n    ${condition}\n`}alert:
  suppress: 6h
${escalate}  next:
    - "TODO: the first step of an investigation"
`;
}

function detectionText(name: string, selections: string): string {
  return `title: "TODO: which flows, in a few words"
name: ${name}
logsource:
  product: aws
  service: vpcflow
detection:
  # TODO: select the flows. Fields are those of flow logs: docs/rules/writing-rules.md, "Detection".
${selections}---
`;
}

/** Returns the text of the examples of a new rule. They pass, except for the names that begin with TODO. */
export function examplesText(type: TemplateType): string {
  const { alerts, below, harmless, keys } = templates[type];
  const example = (name: string, flows: readonly string[]) =>
    `  - name: "TODO: ${name}"\n    flows:\n${flows.map((flow) => `      - ${flow}\n`).join('')}`;
  return [
    '# Flows that must and must not alert: docs/rules/writing-rules.md, "Examples". An example fails while its name begins with TODO.\n',
    `alerts:\n${example('flows that reach the threshold', alerts)}    keys: [${keys}]\n`,
    `silent:\n${example('flows just below the threshold', below)}${example('similar but harmless flows', harmless)}`,
  ].join('');
}
