import fc from 'fast-check';
import { expect, it } from 'vitest';
import { collect } from '../../../lambda/aggregate/aggregate.ts';
import { backfillBounds, noBounds, streamBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { noRefusedLimits } from '../../../lambda/aggregate/refused.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { rowsOf } from '../../../lambda/flow-log/flow-rows.ts';
import { scopes } from '../../../lambda/flow-log/scope.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { aggregateByFlow } from '../../../tools/bench/aggregate-by-flow.ts';
import { anyFlowValues, directed, epoch, flowOf, formatOf, v2 } from '../../support/flows.ts';
import { monitored, rulesOf, ruleText } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

const wide = formatOf(`${directed.names.join(' ')} vpc-id tcp-flags pkt-dst-aws-service`);
const untimed = formatOf('account-id srcaddr dstaddr dstport bytes action vpc-id');

const everyMeasure = rulesOf(
  ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 10}'),
  ruleText('{dstport: 443}', 'type: value_sum, group-by: [dstaddr], timespan: 5m, condition: {field: bytes, gt: 10}'),
  ruleText(
    '{dstport|gt: 0}',
    'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 3}',
  ),
  ruleText(
    '{dstport|gt: 0}',
    'type: value_count, group-by: [srcaddr, dstport], timespan: 1h, condition: {field: bytes, gte: 3}',
  ),
  ruleText('{action: ACCEPT}', 'type: event_count, group-by: [interface-id], timespan: 10m, condition: {gte: 1}'),
);

const anyFlow = fc
  .record({
    values: anyFlowValues,
    more: fc.record({
      start: fc.integer({ min: epoch - 300_000, max: epoch + 86_400 }),
      'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
      'pkt-srcaddr': fc.constantFrom('10.0.1.5', '198.51.100.9', '-'),
      'interface-id': fc.constantFrom('eni-1', 'eni-2'),
      'vpc-id': fc.constantFrom('vpc-1', 'vpc-2', '-'),
      'account-id': fc.constantFrom('123456789012', '210987654321'),
      'log-status': fc.constantFrom('OK', 'OK', 'NODATA'),
      'tcp-flags': fc.constantFrom('2', '18', '-'),
    }),
    format: fc.constantFrom(v2, directed, wide, untimed),
    arrival: fc.integer({ min: epoch, max: epoch + 200_000 }),
  })
  .map(({ values, more, format, arrival }) => ({ flow: flowOf({ ...values, ...more }, format), arrival }));

/** Returns a comparable delta, with the flows of its evidence. */
const plain = ({ evidence, ...delta }: KeyDelta) => ({
  ...delta,
  evidence: [...evidence].map(([series, { flows, values, samples, truncatedFields, hasPacketAddresses }]) => {
    return { series, flows, values, truncatedFields, hasPacketAddresses, samples: samples.map((flow) => flow.values) };
  }),
});

it.each([
  ['the default rules', loadRules(compileRuleDirectory())],
  ['rules with every measure', everyMeasure],
])('gives the same updates as collect for any flows and %s', (_, loaded) => {
  fc.assert(
    fc.property(
      fc.array(anyFlow, { maxLength: 60, size: 'max' }),
      fc.constantFrom(undefined, ...scopes),
      fc.constantFrom(noBounds, streamBounds, backfillBounds),
      fc.boolean(),
      (flows, scope, bounds, isMonitored) => {
        const rules: LoadedRules = { ...(isMonitored ? monitored(loaded) : loaded), scope };
        const columns = rules.columnsOf(rowsOf(flows));
        const { deltas } = collect(columns, rules, bounds).aggregate(noRefusedLimits);
        expect(deltas.map(plain)).toEqual(aggregateByFlow(flows, rules, bounds).map(plain));
      },
    ),
    { numRuns: byTier(100, 1000) },
  );
});
