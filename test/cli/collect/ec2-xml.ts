import { AwsCli, type ServiceModel, type ShapeMember } from '../../support/printed/aws-cli.ts';

/** JSON as the AWS CLI prints it. */
export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

const model: ServiceModel = new AwsCli().modelOf('ec2')!;

/** The operations that the tests answer. */
export type Operation =
  | 'DescribeNetworkInterfaces'
  | 'DescribeInstances'
  | 'DescribeNetworkAcls'
  | 'DescribeRouteTables';

/** Returns the XML of an answer, from what the AWS CLI prints for it, by the names in the CLI's model of EC2. */
export function answerXml(operation: Operation, answer: { readonly [name: string]: Json }): string {
  const content = contentOf(model.operations[operation]!.output!, answer);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">\n    <requestId>r</requestId>${content}</${operation}Response>`;
}

/** Returns the XML of a refusal (EC2 API Reference, "Error codes"). */
export function errorXml(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error></Errors><RequestID>r</RequestID></Response>`;
}

/** Returns an example of the only item of an answer in which each member of the model has a value. */
export function completeItem(operation: Operation, list: string): Json {
  const output = model.shapes[model.operations[operation]!.output!.shape]!;
  return (exampleOf(output.members![list]!, list) as readonly Json[])[0]!;
}

function contentOf({ shape }: ShapeMember, value: Json): string {
  const { members, member } = model.shapes[shape]!;
  if (member) {
    const tag = member.locationName ?? 'item';
    return (value as readonly Json[]).map((item) => `<${tag}>${contentOf(member, item)}</${tag}>`).join('\n');
  }
  if (!members) return escaped(String(value));
  return Object.entries(value as object)
    .map(([name, inner]) => {
      const found = members[name]!;
      const tag = found.locationName ?? name;
      return `<${tag}>${contentOf(found, inner as Json)}</${tag}>`;
    })
    .join('');
}

function exampleOf({ shape }: ShapeMember, name: string): Json {
  const { type, members, member, enum: values } = model.shapes[shape]!;
  if (member) return [exampleOf(member, name)];
  if (members) return Object.fromEntries(Object.entries(members).map(([key, inner]) => [key, exampleOf(inner, key)]));
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'long') return 7;
  if (type === 'timestamp') return '2026-11-24T09:00:00.000Z';
  if (type === 'string') return values?.[0] ?? `an example of ${name}`;
  throw new Error(`the type ${type} of ${name} is unknown to this test`);
}

/** Escapes markup, and characters that an XML parser would change (XML 1.0, 2.11 and 4.1). */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it escapes
  return text.replace(/[&<>"'\u0000-\u001f]/g, (found) => `&#${found.charCodeAt(0)};`);
}
