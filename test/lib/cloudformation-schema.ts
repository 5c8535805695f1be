import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const spec = loadAwsServiceSpecSync();

/** Returns CloudFormation's specification of a resource type; undefined if the type is unknown. */
export function resourceSpec(type: string) {
  return spec.lookup('resource', 'cloudFormationType', 'equals', type)[0];
}

type Property = NonNullable<ReturnType<typeof resourceSpec>>['properties'][string];
type PropertyType = Property['type'];

/** A resource of a template. */
export interface CloudFormationResource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The parts of a template, as JSON, that the checks read. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, CloudFormationResource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
}

/** AWS CloudFormation Template Reference, "Resource attributes". */
const attributes = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'CreationPolicy',
  'DeletionPolicy',
  'UpdatePolicy',
  'UpdateReplacePolicy',
];

/**
 * Checks every resource of a template by CloudFormation's resource schemas: unknown types and properties, missing required
 * properties, values of a wrong type or outside of an enumeration, and references without a target. The result of an
 * intrinsic function is known only at deployment, so it passes as any value.
 *
 * @returns a line with the path in the template for each problem; empty for a valid template
 */
export function schemaProblems(template: CloudFormationTemplate): string[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const found = resourceSpec(resource.Type);
    if (!found) return [`${id}: there is no type ${resource.Type}`];
    const path = `${id} (${resource.Type})`;
    return [
      ...Object.keys(resource)
        .filter((name) => !attributes.includes(name))
        .map((name) => `${path}: ${name} is not an attribute of a resource`),
      ...propertyProblems(found.properties, resource.Properties ?? {}, path),
      ...referenceProblems(template, resource, path),
    ];
  });
}

function propertyProblems(properties: Readonly<Record<string, Property>>, value: unknown, path: string): string[] {
  if (!isMap(value)) return [`${path}: expected a map, got ${JSON.stringify(value)}`];
  const missing = Object.entries(properties).filter(([name, { required }]) => required && !Object.hasOwn(value, name));
  return [
    ...missing.map(([name]) => `${path}: ${name} is missing`),
    ...Object.entries(value).flatMap(([name, one]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (!property)
        return [`${path}: ${name} is not a property, expected one of ${Object.keys(properties).join(', ')}`];
      const types = [property.type, ...(property.previousTypes ?? [])];
      return fewest(types.map((type) => typeProblems(type, one, `${path}.${name}`)));
    }),
  ];
}

function typeProblems(type: PropertyType, value: unknown, path: string): string[] {
  if (isIntrinsic(value)) return [];
  const unless = (right: boolean, expected: string) =>
    right ? [] : [`${path}: expected ${expected}, got ${JSON.stringify(value)}`];
  switch (type.type) {
    case 'string': {
      const { allowedValues } = type;
      if (!allowedValues) return unless(typeof value === 'string', 'a text');
      return unless(allowedValues.includes(value as string), `one of ${allowedValues.join(', ')}`);
    }
    case 'integer':
      return unless(Number.isInteger(value), 'a whole number');
    case 'number':
      return unless(typeof value === 'number', 'a number');
    case 'boolean':
      return unless(typeof value === 'boolean', 'true or false');
    case 'date-time':
      return unless(typeof value === 'string' && !Number.isNaN(Date.parse(value)), 'a time');
    case 'json':
      return unless(isMap(value) || Array.isArray(value) || typeof value === 'string', 'JSON');
    case 'null':
      return unless(value === null, 'null');
    case 'tag':
      return unless(isMap(value) && Object.keys(value).sort().join() === 'Key,Value', 'a tag with Key and Value');
    case 'ref':
      return propertyProblems(spec.get('typeDefinition', type.reference.$ref).properties, value, path);
    case 'array':
      if (!Array.isArray(value)) return unless(false, 'a list');
      return value.flatMap((one, index) => typeProblems(type.element, one, `${path}[${index}]`));
    case 'map':
      if (!isMap(value)) return unless(false, 'a map');
      return Object.entries(value).flatMap(([key, one]) => typeProblems(type.element, one, `${path}.${key}`));
    case 'union':
      return fewest(type.types.map((one) => typeProblems(one, value, path)));
  }
}

/** Returns the problems of a value for the closest of several allowed types. */
function fewest(problems: readonly string[][]): string[] {
  return problems.reduce((least, one) => (one.length < least.length ? one : least));
}

function referenceProblems(template: CloudFormationTemplate, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Resources: resources, Parameters: parameters = {} } = template;
  if ('Ref' in value && isIntrinsic(value)) {
    const to = String(value.Ref);
    const known = to.startsWith('AWS::') || Object.hasOwn(resources, to) || Object.hasOwn(parameters, to);
    return known ? [] : [`${path}: Ref to ${to}, which is not in the template`];
  }
  if ('Fn::GetAtt' in value && isIntrinsic(value)) {
    const [to, ...rest] = [value['Fn::GetAtt']].flat().flatMap((part, index) => splitFirst(String(part), index));
    const type = to === undefined ? undefined : resources[to]?.Type;
    if (type === undefined) return [`${path}: Fn::GetAtt of ${to}, which is not in the template`];
    const attribute = rest.join('.');
    const known = resourceSpec(type)?.attributes ?? {};
    return Object.hasOwn(known, attribute) ? [] : [`${path}: ${type} has no attribute ${attribute}`];
  }
  return Object.values(value).flatMap((one) => referenceProblems(template, one, path));
}

/** Splits the text form of `Fn::GetAtt` at the dot after the logical id. */
function splitFirst(part: string, index: number): string[] {
  const dot = part.indexOf('.');
  return index === 0 && dot >= 0 ? [part.slice(0, dot), part.slice(dot + 1)] : [part];
}

function isIntrinsic(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isMap(value)) return false;
  const [name, ...others] = Object.keys(value);
  return others.length === 0 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
