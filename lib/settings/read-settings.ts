import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';
import {
  byLocation,
  checkShape,
  isMap,
  readDocuments,
  type SourceDocument,
  type SourceFile,
} from '../../sigma/parse/yaml-document.ts';
import { isCdkContext } from './cdk-context.ts';
import { checkSettings } from './check-settings.ts';
import { didYouMean } from './closest-name.ts';
import { type Settings, settingsShape } from './settings.ts';

/** A deployment of the stack. Several stacks in one account and region differ in their stage. */
export interface Stage {
  /** `default`, or up to 20 letters and digits. */
  readonly name: string;
  readonly settings: Settings;
}

/** The settings file: a reference to the JSON Schema for editors, and the stages by name. */
const settingsFileShape = z.strictObject({
  $schema: z.string().optional(),
  stages: z
    .record(z.string(), z.unknown())
    .refine((stages) => Object.keys(stages).length > 0, 'expected a stage, such as "default": {}'),
});

/** The valid names of a stage. */
export const stageName = /^[A-Za-z][A-Za-z0-9]{0,19}$/;

/** The key of the CDK context that selects one stage. */
const stageContext = 'stage';

/**
 * Reads the stages of a settings file. `-c stage=NAME` selects one of them. `-c name=value` overrides a setting: a list
 * separated by commas (formats, which may contain commas, by line breaks), any other value as JSON.
 *
 * @param context the context of the CDK app
 * @throws FlowError `CONFIG_INVALID` that names every mistake, those of the file as `file:line: text`. An unknown context
 * key is a mistake, since `-c vpcId=...` must not be ignored. Keys of CDK itself are skipped
 */
export function readSettings(context: Readonly<Record<string, unknown>>, file: SourceFile): Stage[] {
  const { documents, problems } = readDocuments(file);
  const source = documents[0];
  const stages = source ? (checkShape(source, settingsFileShape, problems)?.stages ?? {}) : {};
  const overrides = overridesOf(context, problems);
  const names = selectStages(Object.keys(stages), context[stageContext], overrides, problems);
  const read = names.flatMap((name): Stage[] => {
    const before = problems.length;
    const value = stages[name];
    if (!stageName.test(name)) {
      problems.push(
        source!.problem(
          ['stages', name],
          `the stage name is invalid: got ${JSON.stringify(name)}, expected up to 20 letters and digits, a letter first`,
        ),
      );
    }
    const other = sameButCase(name, Object.keys(stages), names);
    if (other !== undefined) {
      problems.push(
        source!.problem(
          ['stages', name],
          `the stage name is invalid: got ${name} beside ${other}, expected names that differ in more than their case: ` +
            'both stages would have the same Glue database',
        ),
      );
    }
    if (!isMap(value)) problems.push(source!.problem(['stages', name], `stages.${name}: expected a map of settings`));
    const merged = { ...(isMap(value) ? value : {}), ...overrides };
    const settings = source && checkSettings(stageDocument(source, name, merged, overrides), problems);
    return settings && problems.length === before ? [{ name, settings }] : [];
  });
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.toSorted(byLocation).join('\n'));
  return read;
}

/** Returns a stage whose name differs only in case, also one that is not selected. Of two selected, the later has one. */
function sameButCase(name: string, all: readonly string[], selected: readonly string[]): string | undefined {
  return all.find(
    (one) =>
      one !== name &&
      one.toLowerCase() === name.toLowerCase() &&
      (!selected.includes(one) || all.indexOf(one) < all.indexOf(name)),
  );
}

function selectStages(
  names: readonly string[],
  wanted: unknown,
  overrides: object,
  problems: string[],
): readonly string[] {
  if (wanted === undefined) {
    if (names.length > 1 && Object.keys(overrides).length > 0) {
      problems.push(`-c sets a setting, but there are several stages: select one with -c ${stageContext}=${names[0]}`);
    }
    return names;
  }
  if (typeof wanted === 'string' && names.includes(wanted)) return [wanted];
  problems.push(`-c ${stageContext}: unknown stage ${JSON.stringify(wanted)}, expected one of ${names.join(', ')}`);
  return [];
}

function overridesOf(context: Readonly<Record<string, unknown>>, problems: string[]): Record<string, unknown> {
  const names = Object.keys(settingsShape.shape);
  const given = Object.entries(context).filter(([name]) => name !== stageContext && !isCdkContext(name));
  return Object.fromEntries(
    given.flatMap(([name, value]) => {
      if (names.includes(name)) return [[name, typeof value === 'string' ? parseOverride(name, value) : value]];
      problems.push(
        `-c ${name}: unknown setting, got ${JSON.stringify(value)}, expected one of ${stageContext}, ${names.join(', ')}` +
          didYouMean(name, [stageContext, ...names]),
      );
      return [];
    }),
  );
}

/** Parses the text of `-c name=text`. */
function parseOverride(name: string, text: string): unknown {
  const isList = settingsShape.shape[name as keyof Settings].unwrap() instanceof z.ZodArray;
  if (isList && !text.trimStart().startsWith('[')) return splitList(text, name === 'logFormats' ? '\n' : ',');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function splitList(text: string, separator: string): string[] {
  return text.trim() === '' ? [] : text.split(separator).map((part) => part.trim());
}

/** The part of the file for one stage. Its problems name the line in the file, or the `-c` option that set the value. */
function stageDocument(
  source: SourceDocument,
  stage: string,
  value: unknown,
  overrides: Readonly<Record<string, unknown>>,
): SourceDocument {
  const names = Object.keys(settingsShape.shape);
  return {
    file: source.file,
    value,
    problem: ([name, ...rest], text) => {
      if (name === undefined) return source.problem(['stages', stage], `stages.${stage}: ${text}`);
      if (Object.hasOwn(overrides, name))
        return `-c ${text}${/\bgot /.test(text) ? '' : `, got ${JSON.stringify(overrides[name])}`}`;
      const hint = names.includes(String(name)) ? '' : didYouMean(String(name), names);
      return source.problem(['stages', stage, name, ...rest], `stages.${stage}: ${text}${hint}`);
    },
  };
}
