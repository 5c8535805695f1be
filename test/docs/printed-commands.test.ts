import { execFileSync } from 'node:child_process';
import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { settingsShape } from '../../lib/settings/settings.ts';
import { AwsCli, kebabCase } from '../support/printed/aws-cli.ts';
import {
  commandsInOutput,
  commandsOfHelp,
  commandsOfPage,
  commandsOfPages,
  commandTree,
  createTools,
  type PrintedCommand,
  root,
  scripts,
} from '../support/printed/collect-commands.ts';
import { shellCommands } from '../support/printed/shell-commands.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const awsCli = new AwsCli();

/** Returns why a command does not work as printed; empty if it does. */
async function problemsOf({
  words: [program = '', ...args],
  isCaptured,
  isComplete,
}: PrintedCommand): Promise<string[]> {
  if (program === 'npx') return problemsOfNpx(args);
  if (program === 'npm') return problemsOfNpm(args, isCaptured);
  if (program === 'aws') return args.includes('...') ? [] : awsCli.problemsOf(args, isComplete);
  if (program === 'git') return gitCommands.includes(args[0]!) ? [] : [`git has no command ${args[0]}`];
  if (program === '.ci/run') return args.length > 0 ? ['.ci/run takes no arguments'] : problemsOfExecutable(program);
  return [`${program} is not on the path: write npx ${program}`];
}

const gitCommands = execFileSync('git', ['--list-cmds=main'], { encoding: 'utf8' }).split('\n');

function problemsOfExecutable(path: string): string[] {
  try {
    accessSync(join(root, path), constants.X_OK);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

async function problemsOfNpx([tool = '', ...args]: readonly string[]): Promise<string[]> {
  if (tool === 'flow-sentinel') return problemsOfParsing(await createProgram(placeholder(args)[0]), placeholder(args));
  if (tool === 'cdk') return problemsOfCdk(args);
  if (tool === 'vitest') return problemsOfVitest(args);
  return [`npx ${tool} is unknown to this test`];
}

/** The words that stand for the name of a command. */
function placeholder(args: readonly string[]): string[] {
  if (args[0] === 'COMMAND') return ['--help'];
  return args[0] === 'hunt' && args[1] === 'NAME' ? ['hunt', 'host', ...args.slice(2)] : [...args];
}

/** Parses arguments with a program whose actions do nothing. */
async function problemsOfParsing(program: Command, args: readonly string[]): Promise<string[]> {
  for (const { command } of commandTree(program)) {
    command.configureOutput({ writeOut() {}, writeErr() {} });
    if (command.commands.length === 0) command.action(() => {});
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return [];
  } catch (error) {
    return (error as { exitCode?: number }).exitCode === 0 ? [] : [(error as Error).message];
  }
}

async function problemsOfNpm([command = '', ...args]: readonly string[], isCaptured: boolean): Promise<string[]> {
  if (command !== 'run')
    return ['ci', 'test'].includes(command) && args.length === 0 ? [] : [`npm ${command} is unknown`];
  const isSilent = args[0] === '-s';
  const [name = '', separator, ...given] = isSilent ? args.slice(1) : args;
  const script = scripts[name];
  if (script === undefined) return [`package.json has no script ${name}`];
  if (separator !== undefined && separator !== '--') return [`npm reads ${separator} itself: put -- before it`];
  if (isCaptured && !isSilent) return ['npm prints lines of its own into the output: add -s'];
  return problemsOfScript(script, given);
}

async function problemsOfScript(script: string, given: readonly string[]): Promise<string[]> {
  const [, file = '', ...first] = script.split(' ');
  if (file === 'bin/flow-sentinel.js') return problemsOfParsing(await createProgram(first[0]), [...first, ...given]);
  if (file === 'tools/run.ts') return problemsOfParsing(createTools(), [...first, ...given]);
  // The other scripts define their options in the file, or in the module of the same folder.
  const sources =
    given.length === 0
      ? ''
      : globSync(`${join(file, '..')}/*.ts`, { cwd: root })
          .map(read)
          .join('');
  const options = given.flatMap((word) => /^--([\w-]+)/.exec(word)?.[1] ?? []);
  return options
    .filter((one) => !sources.includes(`'--${one}`) && !sources.includes(`${one}: {`))
    .map((one) => `unknown --${one}`);
}

interface CdkOptions {
  readonly [name: string]: { readonly alias?: string | readonly string[] };
}
const cdk = JSON.parse(read('node_modules/aws-cdk/lib/cli/cli-type-registry.json')) as {
  readonly globalOptions: CdkOptions;
  readonly commands: Readonly<Record<string, { readonly options?: CdkOptions }>>;
};

function problemsOfCdk([command = '', ...args]: readonly string[]): string[] {
  const known = { ...cdk.globalOptions, ...cdk.commands[command]?.options };
  const names = Object.entries(known).flatMap(([name, { alias = [] }]) => [name, ...[alias].flat()]);
  const options = args.flatMap((word) => /^--?(?:no-)?([\w-]+)/.exec(word)?.[1] ?? []);
  const context = args.flatMap((word, index) => (args[index - 1] === '-c' ? word.replace(/=.*/, '') : []));
  return [
    ...(command in cdk.commands ? [] : [`cdk has no command ${command}`]),
    ...options.filter((one) => !names.includes(one)).map((one) => `unknown --${one}`),
    ...context.filter((one) => one !== 'stage' && !(one in settingsShape.shape)).map((one) => `unknown setting ${one}`),
  ];
}

const testFiles = globSync('test/**/*.test.ts', { cwd: root });

/** The options of vitest that pages use: vitest defines them in its bundled code only. */
const vitestOptions = ['-t', '--project', '--sequence.seed'];

function problemsOfVitest([command, ...args]: readonly string[]): string[] {
  const problems = command === 'run' ? [] : ['vitest watches without run'];
  let named = testFiles;
  for (const [at, word] of args.entries()) {
    const option = args[at - 1];
    if (option === '-t') {
      if (!named.some((file) => read(file).includes(word))) problems.push(`no test is named ${word}`);
    } else if (word.startsWith('-')) {
      if (!vitestOptions.includes(word.split('=')[0]!)) problems.push(`unknown ${word}`);
    } else if (option !== '--project' && word !== 'FILE') {
      named = testFiles.filter((file) => file.includes(word));
      if (named.length === 0) problems.push(`${word} names no test file`);
    }
  }
  return problems;
}

/** Returns `place: command: problem` for each problem of the commands. */
async function problemsIn(commands: readonly PrintedCommand[]): Promise<string[]> {
  const found = await Promise.all(
    commands.map(async (command) => {
      const problems = await problemsOf(command);
      return problems.map((problem) => `${command.where}: ${command.words.join(' ')}: ${problem}`);
    }),
  );
  return found.flat();
}

const problemsInPage = (page: string) => problemsIn(commandsOfPage('page', page));

describe('printed commands', () => {
  it('work as every page prints them', async () => {
    const commands = commandsOfPages();
    for (const program of ['npx', 'npm', 'aws', 'git', '.ci/run']) {
      expect(commands.filter(({ words }) => words[0] === program).length, program).toBeGreaterThan(0);
    }
    expect(commands.length).toBeGreaterThan(200);
    expect(await problemsIn(commands)).toEqual([]);
  });

  it('work as every help text prints them', async () => {
    const commands = await commandsOfHelp();
    expect(commands.length).toBeGreaterThan(30);
    expect(await problemsIn(commands)).toEqual([]);
  });

  it('have an example in the help of each command that takes arguments', async () => {
    const shown = new Set((await commandsOfHelp()).map(({ where }) => where));
    const missing = commandTree(await createProgram(undefined))
      .filter(({ command }) => command.commands.length === 0 && command.registeredArguments.length > 0)
      .filter(({ path }) => !shown.has(`${path} --help`));
    expect(missing.map(({ path }) => path)).toEqual([]);
  });

  it('begin with npx flow-sentinel and name a command in every message of the sources', async () => {
    const paths = commandTree(await createProgram(undefined)).map(({ path }) => path);
    const names = paths.filter((path) => path !== '' && !path.includes(' '));
    const sources = globSync('{bin,cli,lambda,lib,sigma}/**/*.ts', { cwd: root }).filter(
      (file) => !file.includes('node_modules'),
    );
    const bare = new RegExp(`(?<!npx |/)\\bflow-sentinel (?:${names.join('|')})\\b`);
    const problems = sources.flatMap((file) => {
      const text = read(file);
      const unknown = [...text.matchAll(/npx flow-sentinel ([a-z-]+)(?: ([a-z-]+))?/g)].filter(([, name, sub]) => {
        const group = paths.some((path) => path.startsWith(`${name} `));
        return (
          !names.includes(name!) ||
          (group && name !== 'alerts' && sub !== undefined && !paths.includes(`${name} ${sub}`))
        );
      });
      const lines = text.split('\n').filter((line) => bare.test(line));
      return [...unknown.map(([found]) => found), ...lines].map((found) => `${file}: ${found.trim()}`);
    });
    expect(problems).toEqual([]);
  });

  it('name an npm script that exists in every message of the sources', () => {
    const sources = globSync('{bin,cli,lambda,lib,sigma,tools}/**/*.{ts,js}', { cwd: root }).filter(
      (file) => !file.includes('node_modules'),
    );
    const unknown = sources.flatMap((file) =>
      [...read(file).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)]
        .filter(([, name]) => !(name! in scripts) && name !== 'passes')
        .map(([found]) => `${file}: ${found}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the check of a printed command', () => {
  it.each([
    ['npx flow-sentinel repaly logs', 'unknown command'],
    ['npx flow-sentinel replay logs --repotr x.html', "unknown option '--repotr'"],
    ['npx flow-sentinel hunt host 10.0.1.5', "missing required argument 'path'"],
    ['npx flow-sentinel replay logs --store disk', 'Allowed choices are memory, local'],
    ['npm run ronda', 'package.json has no script ronda'],
    ['npm run smoke --stack FlowSentinel', 'npm reads --stack itself'],
    ['npm run -s chaos -- --hours 5', "unknown option '--hours'"],
    ['npm run bench -- --fast', 'unknown --fast'],
    ['npm run make-event -- flows.log > event.json', 'add -s'],
    ['npm run cost -- --json | jq .answers', 'add -s'],
    ['npx cdk delpoy', 'cdk has no command delpoy'],
    ['npx cdk deploy --output-file x.json', 'unknown --output-file'],
    ['npx cdk deploy -c protekt=false', 'unknown setting protekt'],
    ['npx vitest run test/lambda/prase', 'names no test file'],
    ["npx vitest run test/lambda/handler -t 'gzip bomps'", 'no test is named'],
    ['aws ec2 describe-flowlogs', 'unknown operation describe-flowlogs'],
    ['aws ec3 describe-flow-logs', 'unknown service ec3'],
    ['aws ec2 describe-flow-logs --filtre x', 'unknown --filtre'],
    ["aws ec2 describe-flow-logs --query 'Flows[]'", '--query begins with Flows'],
    ['aws logs tail group --sinse 1h', 'unknown --sinse'],
    ['aws s3 ls --recursiv s3://bucket', 'unknown --recursiv'],
    ['aws dynamodb update-table --no-deletion-protection-enabled', '--table-name is missing'],
    ['x=$(aws sns list-topics --no) && true', 'unknown --no'],
    ['git chekout main', 'git has no command chekout'],
  ])('finds the mistake in %s', async (command, problem) => {
    expect((await problemsInPage(`\`\`\`sh\n${command}\n\`\`\`\n`)).join()).toContain(problem);
  });

  it('reads commands in blocks, inline code and output', async () => {
    const page =
      '`npm run x`, `TEST=1 npx vitest run y`\n```sh\nfor a in $(aws b c); do git d; done # git e\n```\n```\n$ npx flow-sentinel f\n```\n';
    expect(commandsOfPage('page', page).map(({ words }) => words.join(' '))).toEqual([
      'aws b c',
      'git d',
      'npx flow-sentinel f',
      'npm run x',
      'npx vitest run y',
    ]);
    expect(commandsInOutput('mail', '- To list: npx flow-sentinel alerts --rule "a b"')[0]!.words.at(-1)).toBe('a b');
  });
});

describe('shellCommands', () => {
  it.each([
    [`a 'b "c' "d 'e'" f\\ g`, [['a', 'b "c', "d 'e'", 'f g']]],
    ['a b # c\nd', [['a', 'b'], ['d']]],
    ['a \\\n  b && c; d | e || f', [['a', 'b'], ['c'], ['d'], ['e'], ['f']]],
    [
      'X=1 a "$(b "$(c d)")" ${e:+"f"}',
      [
        ['c', 'd'],
        ['b', '$(c d)'],
        ['a', '$(b "$(c d)")', '${e:+"f"}'],
      ],
    ],
    ['f() { a; }; if b; then c; fi', [['f'], ['a'], ['b'], ['c']]],
    ['a 2>&1 >> x 2>/dev/null <y z', [['a', 'z']]],
  ])('reads %s', (script, words) => {
    expect(shellCommands(script).map((command) => command.words)).toEqual(words);
  });

  it('says which commands have their output captured', () => {
    const captured = (script: string) => shellCommands(script).map(({ isCaptured }) => isCaptured);
    expect(captured('a > b; c | d; e $(f); g 2>h')).toEqual([true, true, false, true, false, false]);
    expect(shellCommands('a > b.json')[0]!.writes).toEqual(['b.json']);
    expect(() => shellCommands('a "b')).toThrow('has no end');
  });
});

describe('kebabCase', () => {
  it.each([
    ['TableName', 'table-name'],
    ['EC2TagSet', 'ec2-tag-set'],
    ['ListAPIs', 'list-apis'],
    ['ResourceARN', 'resource-arn'],
  ])('spells %s as the AWS CLI does', (name, expected) => {
    expect(kebabCase(name)).toBe(expected);
  });
});
