import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { enumerated, printable } from '../../lambda/common/text.ts';
import type { OffRule } from '../../lambda/rules/model.ts';
import { offText } from '../../sigma/compile/off-rules.ts';

/** What to set so that rules are on, by what they need. */
const advice: Readonly<Record<OffRule['needs'], string>> = {
  regions: 'name one by geoTable (docs/analyse/regions.md)',
  context: 'docs/rules/writing-rules.md#events-of-cloudtrail-and-guardduty',
};

/** Says at synth which rules are left out, and what they need. */
export function noteOffRules(scope: Construct, off: readonly OffRule[]): void {
  for (const [needs, rules] of Map.groupBy(off, (rule) => rule.needs)) {
    const names = enumerated(rules.map(({ name }) => printable(name)));
    Annotations.of(scope).addInfo(`${names}: ${offText({ needs })}; ${advice[needs]}`);
  }
}
