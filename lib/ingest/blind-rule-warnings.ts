import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { printable } from '../../lambda/common/text.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { blindRules, blindText } from '../../sigma/lint/blind-rules.ts';
import { type FormatSource, sightRemedy } from './format-sources.ts';

/**
 * Warns at synth, once for the stack, about rules that cannot see flow logs, since the format of these lacks fields.
 *
 * @param sources the flow logs that send to the stream
 */
export function warnOfBlindRules(scope: Construct, ruleSet: RuleSet, sources: readonly FormatSource[]): void {
  const blind = sources.flatMap((source) => {
    const rules = blindRules(ruleSet, [source]);
    const byReason = Map.groupBy(rules, blindText);
    const reasons = [...byReason].map(([reason, ofReason]) => {
      return `  ${reason}: ${ofReason.map(({ rule, level }) => `${printable(rule)} (${level})`).join(', ')}`;
    });
    return reasons.length > 0
      ? [
          {
            lines: [`${printable(source.name)}:`, ...reasons],
            remedy: sightRemedy(
              source,
              rules.map(({ needs }) => needs),
            ),
          },
        ]
      : [];
  });
  if (blind.length === 0) return;
  Annotations.of(scope).addWarningV2(
    'flow-sentinel:blindRules',
    [
      'the formats of some flow logs lack fields that rules need:',
      ...blind.flatMap(({ lines }) => lines),
      ...new Set(blind.map(({ remedy }) => remedy)),
    ].join('\n'),
  );
}
