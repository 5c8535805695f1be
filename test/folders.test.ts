import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The top folders of the product and of its tools: a folder imports only from itself and from folders before it. */
const topOrder = ['lambda', 'events', 'emulators', 'sigma', 'lib', 'cli', 'bin', 'tools'];

/** The rooms of the function, in the same way: shared rooms, the stages of the pipeline, adapters, and the function. */
const lambdaOrder = [
  'lambda/common',
  'lambda/networks',
  'lambda/geo',
  'lambda/names',
  'lambda/flow-log',
  'lambda/rules',
  'lambda/context',
  'lambda/counters',
  'lambda/decode',
  'lambda/parse',
  'lambda/aggregate',
  'lambda/count',
  'lambda/evaluate',
  'lambda/journal/columns',
  'lambda/journal/page',
  'lambda/journal',
  'lambda/alert/ocsf',
  'lambda/alert',
  'lambda/respond',
  'lambda/telemetry',
  'lambda/flush',
  'lambda/aws',
  'lambda',
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports = topOrder.flatMap((folder) => sourceFiles(folder).flatMap(importsOf));

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();
}

/** Reads the imports of other source files: static and dynamic ones, and those of types. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)]
    .map(([, path]) => ({ from, to: normalize(join(dirname(from), path!)) }))
    .filter(({ to }) => /\.[jt]s$/.test(to) && existsSync(join(root, to)));
}

/** Finds a cycle in a graph; returns its nodes, or an empty array. */
function findCycle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] => {
    if (path.includes(node)) return path.slice(path.indexOf(node));
    if (finished.has(node)) return [];
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    finished.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

/** Finds the imports that close a cycle between the files, or the folders, that `nodeOf` returns. */
function importsInCycle(all: readonly Import[], nodeOf: (file: string) => string): string[] {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of all) {
    const [a, b] = [nodeOf(from), nodeOf(to)];
    if (a !== b || from === to) graph.set(a, (graph.get(a) ?? new Set()).add(b));
  }
  const cycle = findCycle(graph);
  const steps = cycle.map((node, index) => `${node} > ${cycle[(index + 1) % cycle.length]}`);
  return all.filter(({ from, to }) => steps.includes(`${nodeOf(from)} > ${nodeOf(to)}`)).map(nameOf);
}

/** Finds the imports of a folder that comes later in the order. */
function importsAgainst(
  order: readonly string[],
  all: readonly Import[],
  folderOf: (file: string) => string,
): string[] {
  const position = (file: string) => order.indexOf(folderOf(file));
  return all.filter(({ from, to }) => position(to) > position(from)).map(nameOf);
}

function nameOf({ from, to }: Import): string {
  return `${from} -> ${to}`;
}

function topFolderOf(file: string): string {
  return file.split('/')[0]!;
}

/** Returns the room that a file of the function belongs to: `lambda/decode/envelopes` is a part of `lambda/decode`. */
function roomOf(file: string): string {
  return lambdaOrder.find((room) => room !== 'lambda' && file.startsWith(`${room}/`)) ?? dirname(file);
}

describe('source folders', () => {
  it('holds more than a thousand imports to check', () => {
    expect(imports.length).toBeGreaterThan(1000);
  });

  it('has no import cycle between files', () => {
    expect(importsInCycle(imports, (file) => file)).toEqual([]);
  });

  it('has no import cycle between folders', () => {
    expect(importsInCycle(imports, dirname)).toEqual([]);
  });

  it('imports only from earlier top folders, so that the product never imports a tool', () => {
    expect(importsAgainst(topOrder, imports, topFolderOf)).toEqual([]);
  });

  it('imports from test/ only in tools/', () => {
    const ofTests = imports.filter(({ from, to }) => topFolderOf(to) === 'test' && topFolderOf(from) !== 'tools');
    expect(ofTests.map(nameOf)).toEqual([]);
  });

  it('imports only from earlier rooms within lambda/', () => {
    const ofFunction = imports.filter(({ from, to }) => topFolderOf(from) === 'lambda' && topFolderOf(to) === 'lambda');
    expect(importsAgainst(lambdaOrder, ofFunction, roomOf)).toEqual([]);
  });

  it('lists each room of lambda/ in the order', () => {
    const rooms = new Set(sourceFiles('lambda').map(roomOf));
    expect([...rooms].filter((room) => !lambdaOrder.includes(room))).toEqual([]);
  });
});

describe('the import check', () => {
  const planted = [
    { from: 'lambda/count/a.ts', to: 'lambda/evaluate/b.ts' },
    { from: 'lambda/evaluate/b.ts', to: 'lambda/rules/c.ts' },
    { from: 'lambda/rules/c.ts', to: 'lambda/count/d.ts' },
  ];

  it('finds the imports of a folder cycle when no file is in a cycle', () => {
    expect(importsInCycle(planted, (file) => file)).toEqual([]);
    expect(importsInCycle(planted, dirname)).toEqual(planted.map(nameOf));
  });

  it('finds the imports of a file cycle', () => {
    const back = { from: 'lambda/rules/c.ts', to: 'lambda/count/a.ts' };
    expect(importsInCycle([...planted, back], (file) => file)).toContain(nameOf(back));
  });

  it('finds an import from a later room', () => {
    expect(importsAgainst(lambdaOrder, planted, roomOf)).toEqual([
      'lambda/count/a.ts -> lambda/evaluate/b.ts',
      'lambda/rules/c.ts -> lambda/count/d.ts',
    ]);
  });
});
