import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { root } from './collect-commands.ts';

/** The AWS CLI that aws-cdk-lib brings for its custom resources: a zip file with the models of all services. */
const archive = join(root, 'node_modules/@aws-cdk/asset-awscli-v1/lib/layer.zip');

/** A member of a structure, or of a list. */
export interface ShapeMember {
  readonly shape: string;
  /** The name in XML. */
  readonly locationName?: string;
  readonly idempotencyToken?: boolean;
}

export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, ShapeMember>>;
  readonly member?: ShapeMember;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
}

export interface ServiceModel {
  readonly operations: Readonly<
    Record<string, { readonly input?: { readonly shape: string }; readonly output?: { readonly shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Commands of the AWS CLI version 2 that version 1 does not have, with their options. */
const versionTwo: Readonly<Record<string, readonly string[]>> = {
  'logs tail': ['since', 'follow', 'format', 'filter-pattern', 'log-stream-names', 'log-stream-name-prefix'],
};

/** Options of all commands that version 1 does not have. */
const versionTwoOptions = ['cli-binary-format'];

/** Names of the models whose command has another name. */
const modelNames: Readonly<Record<string, string>> = { s3api: 's3' };

/** Options with another name than their member, which a global option of the AWS CLI has (its customization argrename). */
const renamedOptions: Readonly<Record<string, string>> = { 'sns subscribe endpoint': 'notification-endpoint' };

/** Options of each command whose operation returns pages. */
const pageOptions = ['max-items', 'page-size', 'starting-token'];
const inputOptions = ['cli-input-json', 'generate-cli-skeleton'];

/** The commands of the AWS CLI, from the models that it contains. */
export class AwsCli {
  readonly #bytes = readFileSync(archive);
  readonly #entries = entriesOf(this.#bytes);
  readonly #models = new Map<string, ServiceModel | undefined>();
  readonly #globalOptions = Object.keys(
    (JSON.parse(this.#text('awscli/awscli/data/cli.json')) as { options: object }).options,
  );

  /**
   * Returns the problems of a command: an unknown service, operation or option, a missing required option, or a
   * `--query` that begins with an unknown member of the output.
   *
   * @param words words after `aws`
   * @param isComplete whether required options must be there
   */
  problemsOf([service = '', operation = '', ...rest]: readonly string[], isComplete: boolean): string[] {
    const options = rest.flatMap((word) => /^--([a-z0-9-]+)/.exec(word)?.[1] ?? []);
    const unknown = (known: readonly string[]) =>
      options
        .filter((option) => ![...known, ...this.#globalOptions, ...versionTwoOptions].includes(option))
        .map((one) => `unknown --${one}`);
    const special =
      versionTwo[`${service} ${operation}`] ?? (service === 's3' ? this.#s3Options(operation) : undefined);
    if (special) return unknown(special);
    const model = this.modelOf(modelNames[service] ?? service);
    if (!model) return [`unknown service ${service}`];
    const name = Object.keys(model.operations).find((one) => kebabCase(one) === operation);
    if (name === undefined) return [`unknown operation ${operation}`];
    const { input, output } = model.operations[name]!;
    const { members = {}, required = [] } = (input && model.shapes[input.shape]) ?? {};
    const known = Object.entries(members).flatMap(([member, { shape }]) => {
      const option = renamedOptions[`${service} ${operation} ${kebabCase(member)}`] ?? kebabCase(member);
      return model.shapes[shape]?.type === 'boolean' ? [option, `no-${option}`] : [option];
    });
    const missing = required.filter((member) => {
      return (
        !members[member]!.idempotencyToken &&
        !options.some((option) => option.replace(/^no-/, '') === kebabCase(member))
      );
    });
    return [
      ...unknown([...known, ...inputOptions, ...(this.#isPaged(service, name) ? pageOptions : [])]),
      ...(isComplete ? missing.map((member) => `--${kebabCase(member)} is missing`) : []),
      ...queryProblems(rest, Object.keys((output && model.shapes[output.shape]?.members) ?? {})),
    ];
  }

  /** Returns the options of `aws s3 ls` and its like, from the source that defines them; undefined if unknown. */
  #s3Options(command: string): string[] | undefined {
    const source = this.#text('awscli/awscli/customizations/s3/subcommands.py');
    if (!source.includes(`    NAME = '${command}'\n`)) return undefined;
    // The options of all s3 commands; those of one command are computed by Python.
    return [...source.matchAll(/'name': '([a-z-]+)'/g)].map(([, name]) => name!);
  }

  #isPaged(service: string, operation: string): boolean {
    return this.#text(`${this.#folderOf(service)}paginators-1.json`).includes(`"${operation}"`);
  }

  /** Returns the newest model of a service (botocore, `service-2.json`); undefined if the service is unknown. */
  modelOf(service: string): ServiceModel | undefined {
    if (!this.#models.has(service)) {
      const folder = this.#folderOf(service);
      const packed = folder === undefined ? undefined : this.#read(`${folder}service-2.json.gz`);
      const model = packed && (JSON.parse(gunzipSync(packed).toString()) as ServiceModel);
      this.#models.set(service, model);
    }
    return this.#models.get(service);
  }

  /** Returns the folder of the newest model of a service. */
  #folderOf(service: string): string | undefined {
    const models = [...this.#entries.keys()].filter((name) => {
      return (
        name.startsWith(`awscli/botocore/data/${modelNames[service] ?? service}/`) &&
        name.endsWith('/service-2.json.gz')
      );
    });
    return models.sort().at(-1)?.replace('service-2.json.gz', '');
  }

  #text(name: string): string {
    return this.#read(name)?.toString() ?? '';
  }

  #read(name: string): Buffer | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const { offset, size, isDeflated } = entry;
    // A local header has 30 bytes, and the lengths of its name and its extra field at 26 and 28 (APPNOTE.TXT, 4.3.7).
    const from = offset + 30 + this.#bytes.readUInt16LE(offset + 26) + this.#bytes.readUInt16LE(offset + 28);
    const stored = this.#bytes.subarray(from, from + size);
    return isDeflated ? inflateRawSync(stored) : stored;
  }
}

interface Entry {
  readonly offset: number;
  readonly size: number;
  readonly isDeflated: boolean;
}

/** Reads the central directory of a zip file (APPNOTE.TXT, 4.3.12 and 4.3.16). */
function entriesOf(zip: Buffer): ReadonlyMap<string, Entry> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  const entries = new Map<string, Entry>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const isDeflated = zip.readUInt16LE(at + 10) === 8;
    entries.set(name, { offset: zip.readUInt32LE(at + 42), size: zip.readUInt32LE(at + 20), isDeflated });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

/** Returns a name of an API as the AWS CLI spells it (botocore, `xform_name`). */
export function kebabCase(name: string): string {
  return name
    .replace(/[A-Z]{2,}s$/, (plural) => `-${plural.toLowerCase()}`)
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/^-/, '');
}

/** Checks the members with which the parts of a `--query` begin. */
function queryProblems(words: readonly string[], members: readonly string[]): string[] {
  const at = words.indexOf('--query');
  const query = words[at + 1];
  if (at < 0 || query === undefined) return [];
  const first = /^\[?([A-Za-z0-9]+)/.exec(query)?.[1];
  return first !== undefined && members.includes(first) ? [] : [`--query begins with ${first}, expected ${members}`];
}
