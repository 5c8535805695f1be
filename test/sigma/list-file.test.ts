import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileNetworks, compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { ruleText } from '../support/rules.ts';

const secret = 'root:QQQ7:0:0';

/** A machine with a folder of rules from somebody else, and a file that its reader must not see. */
let machine: string;
let rules: string;

beforeEach(() => {
  machine = realpathSync(mkdtempSync(join(tmpdir(), 'flow-sentinel-lists-')));
  rules = join(machine, 'home/rules');
  mkdirSync(join(rules, 'lists'), { recursive: true });
  writeFileSync(join(machine, 'passwd'), `${secret}\n10.0.0.1\n`);
  writeFileSync(join(machine, 'home/rules-old.csv'), `${secret}\n`);
  writeFileSync(join(rules, 'lists/good.csv'), '10.0.0.1\n');
  const correlation = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}';
  writeFileSync(join(rules, 'mine.yml'), ruleText("{srcaddr|cidr|expand: '%threats%'}", correlation));
});
afterEach(() => rmSync(machine, { recursive: true }));

function compiled(file: string, networks = join(rules, 'networks.yml')) {
  writeFileSync(networks, `# lists\nthreats:\n  file: ${JSON.stringify(file)}\n`);
  return compileRuleDirectory(rules, networks).lists;
}

function problemOf(file: string): string {
  try {
    compiled(file);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${file} was read`);
}

const outside = 'it is not below the folder of the file of named networks; copy the list there';
const inside = [{ name: 'threats', entries: ['10.0.0.1'] }];

describe('the file of a network list', () => {
  it.each([
    ['a path upwards', '../../passwd'],
    ['a path down and upwards', 'lists/../../../passwd'],
    ['a path to a missing file elsewhere', '../../missing'],
    ['a folder whose name begins as that of the rules', '../rules-old.csv'],
    ['the folder above', '..'],
    ['an absolute path', '/etc/passwd'],
    ['a device', '/dev/zero'],
    ['the environment of the process', '/proc/self/environ'],
  ])('is refused unread when it is %s', (_, file) => {
    const problem = problemOf(file);
    expect(problem).toMatch(/networks\.yml:3: /);
    expect(problem).toContain(`cannot be read: ${outside}`);
  });

  it.each(['file', 'folder'])('is refused when a symbolic link to a %s leads outside', (kind) => {
    if (kind === 'file') symlinkSync(join(machine, 'passwd'), join(rules, 'lists/link'));
    else symlinkSync(machine, join(rules, 'lists/link'));
    const problem = problemOf(kind === 'file' ? 'lists/link' : 'lists/link/passwd');
    expect(problem).toContain(outside);
    expect(problem).not.toContain('QQQ7');
  });

  it('is refused when it is a device, a pipe or a folder below the rules', () => {
    symlinkSync('/dev/zero', join(rules, 'lists/zero'));
    expect(problemOf('lists/zero')).toContain(outside);
    execFileSync('mkfifo', [join(rules, 'lists/pipe')]);
    for (const file of ['lists/pipe', 'lists', '.']) {
      expect(problemOf(file)).toContain('cannot be read: it is not a regular file');
    }
  });

  it('is refused before it is read when it is larger than 16 MiB', () => {
    writeFileSync(join(rules, 'lists/huge.csv'), '');
    truncateSync(join(rules, 'lists/huge.csv'), 2 ** 40);
    expect(problemOf('lists/huge.csv')).toContain('it has 1099511627776 bytes, expected at most 16777216');
  });

  it('is reported by line and kind of problem only when it has no networks', () => {
    writeFileSync(join(rules, 'lists/copied'), `${secret}\n${secret},a,b,c,d\n10.0.0.1,,,${secret}\n`);
    const problems = problemOf('lists/copied').split('\n');
    expect(problems.map((line) => line.replace(/^.*lists\//, ''))).toEqual([
      'copied:1: the network is invalid, expected one like 10.0.0.0/8 or fc00::/7',
      'copied:2: the line has 5 columns, expected network,label,reason,expires; quote a column that has a comma',
      'copied:3: expires is invalid, expected a day like 2026-12-31',
    ]);
  });

  it('is read when it lies below the folder, also by symbolic links that stay there', () => {
    symlinkSync('good.csv', join(rules, 'lists/link'));
    symlinkSync(rules, join(machine, 'linked'));
    for (const file of ['lists/good.csv', './lists/../lists/good.csv', 'lists/link', '..good.csv']) {
      if (file === '..good.csv') writeFileSync(join(rules, file), '10.0.0.1');
      expect(compiled(file)).toMatchObject(inside);
    }
    expect(compileRuleDirectory(join(machine, 'linked')).lists).toMatchObject(inside);
  });

  it('lies below the folder of the networks file that a command names, not below the rules', () => {
    const elsewhere = join(machine, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'list.csv'), '10.0.0.1\n');
    const networks = join(elsewhere, 'networks.yml');
    expect(compiled('list.csv', networks)).toMatchObject(inside);
    expect(compileNetworks(networks).lists).toMatchObject(inside);
    expect(() => compiled('../home/rules/lists/good.csv', networks)).toThrow(outside);
  });

  it.each(['networks.yml', 'zz.yml'])('applies to rules too: refuses %s when it is a link out or a pipe', (name) => {
    const path = join(rules, name);
    symlinkSync(join(machine, 'passwd'), path);
    expect(() => compileRuleDirectory(rules)).toThrow(outside);
    expect(() => compileRuleDirectory(rules)).not.toThrow(secret);
    rmSync(path);
    execFileSync('mkfifo', [path]);
    expect(() => compileRuleDirectory(rules)).toThrow('it is not a regular file');
  });
});
