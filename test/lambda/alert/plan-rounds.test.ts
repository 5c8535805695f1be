import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRounds } from '../../../lambda/alert/plan-rounds.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import { type Level, severeFirst } from '../../../lambda/rules/level.ts';

const ruleLevels: readonly Level[] = ['medium', 'critical', 'medium'];

describe('planRounds', () => {
  const findingOf = (key: number, rule: number, index: number) =>
    ({
      rule: { level: ruleLevels[rule] },
      delta: { key: { pk: `pair#${key}` } },
      record: { rule: `rule_${rule}`, multiple: index },
    }) as unknown as Finding;
  const nameOf = ({ delta, record }: Finding) => `${delta.key.pk} ${record.rule}`;

  it('puts findings of one rule and key into successive rounds, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2)), { maxLength: 30 }), (all) => {
        const findings = all.map(([key, rule], index) => findingOf(key, rule, index));
        const rounds = planRounds(findings);
        expect(new Set(rounds.flat())).toEqual(new Set(findings));
        for (const round of rounds) expect(new Set(round.map(nameOf)).size).toBe(round.length);
        const roundLevels = rounds.map((round) => new Set(round.map(({ rule }) => rule.level)));
        expect(roundLevels.every(({ size }) => size === 1)).toBe(true);
        const severities = roundLevels.map(([level]) => severeFirst.indexOf(level!));
        expect(severities).toEqual(severities.toSorted((a, b) => a - b));
        for (const finding of findings) {
          const earlier = findings.slice(0, findings.indexOf(finding)).filter((one) => nameOf(one) === nameOf(finding));
          const ofLevel = rounds.filter(([first]) => first!.rule.level === finding.rule.level);
          expect(ofLevel.findIndex((round) => round.includes(finding))).toBe(earlier.length);
        }
      }),
    );
  });
});
