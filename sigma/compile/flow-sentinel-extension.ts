import { regionFields } from '../../lambda/flow-log/region-fields.ts';
import { isOfPairs } from '../../lambda/rules/correlation.ts';
import type { Correlation, Extension, Predicate } from '../../lambda/rules/model.ts';
import type { CorrelationDocument } from '../parse/schema.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import { maxActiveSlots } from './presence.ts';
import type { Checked } from './problem.ts';
import type { RuleScope } from './rule-scope.ts';
import { isValueCorrelation } from './value-correlation.ts';

const maxFirstSeenSeconds = 30 * 86_400;

/** Finds a detection by name or id. No match, or more than one match, is a problem. The value is undefined without a match. */
export type FindDetection = (name: string, path: YamlPath) => Checked<Predicate | undefined>;

/** Compiles our own block `flow_sentinel`: conditions on a window besides the threshold. */
export function compileExtension(
  block: NonNullable<CorrelationDocument['flow_sentinel']>,
  type: Correlation['type'],
  find: FindDetection,
  scope: RuleScope,
): Extension {
  const path = ['flow_sentinel'];
  const { active_slots, slot, first_seen, silent } = block;
  if ((active_slots || slot || silent) && !isValueCorrelation({ type })) {
    scope.report(
      path,
      `active_slots, slot and silent are not supported for ${type}; expected event_count, value_sum or value_count`,
    );
  }
  if (first_seen && !isOfPairs(scope.groupBy) && !scope.groupBy.some((name) => regionFields.has(name))) {
    scope.report(
      [...path, 'first_seen'],
      'first_seen is known for pairs, and for groups with a field of regions; expected group-by: [srcaddr, dstaddr], or dst_country among the fields',
    );
  }
  const ofEvents = scope.series.some(({ source }) => source !== undefined);
  for (const key of ['silent', 'first_seen'] as const) {
    if (block[key] && ofEvents) {
      scope.report([...path, key], `${key} is not supported for events, which are rare; expected detections of flows`);
    }
  }
  const watched = silent && find(silent.while, [...path, 'silent', 'while']);
  scope.problems.push(...(watched?.problems ?? []));
  const forSeconds = silent && scope.seconds(silent.for, [...path, 'silent', 'for'], scope.timespanSeconds);
  const maxActive = maxActiveSlots(scope.timespanSeconds, forSeconds);
  // After an invalid timespan, the number of slots is unknown.
  if (active_slots && silent && active_slots.gte > maxActive && scope.problems.length === 0) {
    const text = `${active_slots.gte} active slots are impossible: with silent.for ${silent.for}, a window has at most ${maxActive}`;
    scope.report([...path, 'active_slots', 'gte'], text);
  }
  return {
    ...(active_slots && { activeSlots: active_slots.gte }),
    ...(slot?.lte !== undefined && { maxSlotValue: slot.lte }),
    ...(slot?.spread !== undefined && { maxSlotSpread: slot.spread }),
    ...(first_seen && {
      firstSeen: {
        withinSeconds: scope.seconds(first_seen.within, [...path, 'first_seen', 'within'], maxFirstSeenSeconds),
        learningSeconds: scope.seconds(first_seen.learning, [...path, 'first_seen', 'learning'], maxFirstSeenSeconds),
      },
    }),
    ...(silent &&
      watched?.value && {
        silent: {
          forSeconds: forSeconds!,
          while: scope.add({ name: silent.while }, [watched.value], { kind: 'presence' }),
        },
      }),
  };
}
