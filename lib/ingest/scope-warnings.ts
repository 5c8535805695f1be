import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { printable } from '../../lambda/common/text.ts';
import { missingScopeFields, type Scope } from '../../lambda/flow-log/scope.ts';
import type { FormatSource } from './format-sources.ts';

/**
 * Warns at synth about flow logs whose format lacks fields of the setting `scope`. Those of transit gateways have no
 * `vpc-id` in any format, and count for no pair.
 *
 * @param sources the flow logs that send to the stream
 */
export function warnOfMissingScope(stack: Construct, scope: Scope | undefined, sources: readonly FormatSource[]): void {
  if (scope === undefined) return;
  const unscoped = sources.flatMap(({ name, fields }) => {
    const missing = fields.has('tgw-id') ? [] : missingScopeFields(scope, fields);
    return missing.length > 0 ? [`${printable(name)}: needs ${missing.join(', ')}`] : [];
  });
  if (unscoped.length === 0) return;
  Annotations.of(stack).addWarningV2(
    'flow-sentinel:missingScope',
    [
      `the formats of some flow logs lack fields of the scope ${scope}, so their networks with the same addresses count together:`,
      ...unscoped.map((line) => `  ${line}`),
      'Add the fields to the format of these flow logs: docs/deploy/log-sources.md#networks-with-the-same-addresses',
    ].join('\n'),
  );
}
