import type { CloudFormationTemplate } from './cloudformation-schema.ts';

/** A statement of a policy in a template, and where it is. */
export interface PlacedStatement {
  readonly id: string;
  readonly type: string;
  readonly effect: string;
  readonly actions: readonly string[];
  /** As text; a reference is `<id>` or `<id.Attribute>`. */
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly condition: unknown;
}

/** Returns every policy statement of a template: of roles, resources and keys, and who may assume a role. */
export function policyStatements({ Resources }: CloudFormationTemplate): PlacedStatement[] {
  return Object.entries(Resources).flatMap(([id, { Type: type, Properties }]) =>
    statementsIn(Properties).map((statement) => ({
      id,
      type,
      effect: String(statement.Effect),
      actions: [statement.Action ?? []].flat().map(String),
      resources: [statement.Resource ?? []].flat().map(textOf),
      principal: statement.Principal,
      condition: statement.Condition,
    })),
  );
}

function statementsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value === 'string' && /^\{"(?:Version|Statement)"/.test(value)) return statementsIn(JSON.parse(value));
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value) return [value.Statement].flat() as Record<string, unknown>[];
  return Object.values(value).flatMap(statementsIn);
}

/** Returns a value of a template as text. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Ref' in value) return `<${value.Ref}>`;
  if ('Fn::GetAtt' in value) return `<${[value['Fn::GetAtt']].flat().join('.')}>`;
  if ('Fn::Join' in value) {
    const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map(textOf).join(separator);
  }
  return JSON.stringify(value);
}
