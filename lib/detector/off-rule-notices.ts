import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { enumerated, printable } from '../../lambda/common/text.ts';
import type { OffRule } from '../../lambda/rules/model.ts';
import { offText } from '../../sigma/compile/region-rules.ts';

/** Says at synth which rules are left out, since there is no table of regions. */
export function noteOffRules(scope: Construct, off: readonly OffRule[]): void {
  if (off.length === 0) return;
  const names = enumerated(off.map(({ name }) => printable(name)));
  Annotations.of(scope).addInfo(`${names}: ${offText}; name one by geoTable (docs/analyse/regions.md)`);
}
