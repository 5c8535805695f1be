/** Joins the parts of a text in a template. A reference becomes its logical id, with the attribute if it has one. */
export function joined(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref: ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(joined).join('');
  if (typeof ref === 'string') return ref;
  return (attribute as string[]).join('.');
}
