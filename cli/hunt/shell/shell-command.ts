import { parseArgs } from 'node:util';
import { daySeconds, endOfDay } from '../../../lambda/common/calendar.ts';
import { plural } from '../../../lambda/common/text.ts';
import type { Hunt } from '../../../lib/queries/hunts/hunt.ts';
import { hunts } from '../../../lib/queries/hunts/hunts.ts';
import { parseTimespan } from '../../../sigma/parse/timespan.ts';
import { InputError } from '../../terminal/input-error.ts';
import { secondsOfUtc } from '../../terminal/utc-time.ts';
import type { NamedQueryOptions } from '../named-query.ts';

/** The commands of the shell, with what `.help` says of each. */
export const shellCommands = {
  '.help': 'show the commands',
  '.hunts': 'list the ready hunts',
  '.hunt NAME [ADDRESS...] [--top N] [--days N]': 'run a ready hunt, such as .hunt host 10.0.1.5',
  '.tables': 'list the tables and their columns',
  '.lists': 'list the named lists of networks, for network_of',
  '.output FILE': 'write the rows of the next statement to a file: .parquet, .csv or .json',
  '.quit': 'leave the shell, as Ctrl-D does',
} as const;

/** A command of the shell. */
export type ShellCommand =
  | { readonly kind: 'help' | 'hunts' | 'tables' | 'lists' | 'quit' }
  | { readonly kind: 'output'; readonly file: string }
  | {
      readonly kind: 'hunt';
      readonly hunt: Hunt;
      readonly addresses: readonly string[];
      readonly options: NamedQueryOptions;
    };

const withoutArguments = ['help', 'hunts', 'tables', 'lists', 'quit'] as const;

/** Parses a line that begins with a dot. @throws InputError if the command or its arguments are invalid */
export function parseShellCommand(line: string): ShellCommand {
  const [name = '', ...words] = line.trim().replace(/;$/, '').trim().split(/\s+/);
  const simple = withoutArguments.find((kind) => name === `.${kind}` || (kind === 'quit' && name === '.exit'));
  if (simple) {
    if (words.length > 0) throw new InputError(`${name} is invalid: got ${words.join(' ')}, expected no argument`);
    return { kind: simple };
  }
  if (name === '.hunt') return huntCommand(words);
  if (name !== '.output') throw new InputError(`the command ${name} is unknown; .help shows the commands`);
  const file = line.trim().slice(name.length).trim();
  if (file === '') throw new InputError('.output is invalid: the file is missing, such as .output rows.parquet');
  return { kind: 'output', file };
}

function huntCommand([name, ...words]: readonly string[]): ShellCommand {
  const hunt = hunts.find((one) => one.name === name);
  if (!hunt)
    throw new InputError(`.hunt is invalid: got ${name ?? 'no name'}, expected one of those that .hunts lists`);
  const { positionals, values } = parsedWords(words);
  if (positionals.length !== hunt.parameters.length) {
    const expected = hunt.parameters.length === 0 ? 'none' : `${hunt.parameters.length}, as .hunts shows`;
    throw new InputError(
      `.hunt ${hunt.name} is invalid: got ${plural(positionals.length, 'argument')}, expected ${expected}`,
    );
  }
  const options: NamedQueryOptions = {
    top: optionValue('top', values.top, wholeNumber) ?? 1000,
    ...given('days', optionValue('days', values.days, wholeNumber)),
    ...(hunt.option && given(hunt.option, optionValue(hunt.option, values[hunt.option], parsers[hunt.option]))),
  };
  return { kind: 'hunt', hunt, addresses: positionals, options };
}

function parsedWords(words: readonly string[]) {
  const type = { type: 'string' } as const;
  const options = { top: type, days: type, interval: type, gap: type, since: type };
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new InputError(`.hunt is invalid: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const parsers = {
  interval: parseTimespan,
  gap: parseTimespan,
  since: (text: string) => {
    const end = endOfDay(text);
    return end === undefined ? secondsOfUtc(text) : end - daySeconds;
  },
};

function wholeNumber(text: string): number | undefined {
  return /^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function optionValue(
  name: string,
  text: string | undefined,
  parse: (text: string) => number | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) throw new InputError(`--${name} is invalid: got ${text}; hunt NAME --help shows examples`);
  return value;
}

function given(name: string, value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { [name]: value };
}
