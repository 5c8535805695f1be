import { parseAst } from 'vitest/node';

/** One small fault: the replacement of a piece of a source file. */
export interface Mutation {
  /** The kind of fault, such as `boundary`. */
  readonly operator: string;
  /** The offsets of the replaced piece, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** A node of the syntax tree (ESTree, with the nodes of TypeScript). */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

const operators: Readonly<Record<string, { readonly operator: string; readonly by: readonly string[] }>> = {
  '<': { operator: 'boundary', by: ['<=', '>='] },
  '<=': { operator: 'boundary', by: ['<', '>'] },
  '>': { operator: 'boundary', by: ['>=', '<='] },
  '>=': { operator: 'boundary', by: ['>', '<'] },
  '===': { operator: 'equality', by: ['!=='] },
  '!==': { operator: 'equality', by: ['==='] },
  '+': { operator: 'arithmetic', by: ['-'] },
  '-': { operator: 'arithmetic', by: ['+'] },
  '*': { operator: 'arithmetic', by: ['/'] },
  '/': { operator: 'arithmetic', by: ['*'] },
  '%': { operator: 'arithmetic', by: ['*'] },
  '&': { operator: 'arithmetic', by: ['|'] },
  '|': { operator: 'arithmetic', by: ['&'] },
  '<<': { operator: 'arithmetic', by: ['>>'] },
  '>>': { operator: 'arithmetic', by: ['<<'] },
  '&&': { operator: 'logical', by: ['||'] },
  '||': { operator: 'logical', by: ['&&'] },
  '+=': { operator: 'arithmetic', by: ['-='] },
  '-=': { operator: 'arithmetic', by: ['+='] },
};

const swappedMethods: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
};

/** Statements without which the code still compiles. */
const removable = ['ExpressionStatement', 'ReturnStatement', 'ThrowStatement', 'ContinueStatement', 'BreakStatement'];

/** Nodes of TypeScript that contain an expression; all others are types. */
const typedExpressions = ['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression'];

/**
 * Returns all single faults of a TypeScript source that still parse, in the order of the text. Imports and types have
 * none.
 */
export function mutationsOf(source: string): Mutation[] {
  const mutations: Mutation[] = [];
  visit(parse(source), (node) => mutations.push(...mutationsOfNode(node, source)));
  return mutations.filter((mutation) => isValid(mutated(source, mutation))).sort((a, b) => a.start - b.start);
}

/** Returns the source with the fault. */
export function mutated(source: string, { start, end, replacement }: Mutation): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

function parse(source: string): Node {
  return parseAst(source, { lang: 'ts' }) as unknown as Node;
}

function isValid(source: string): boolean {
  try {
    parse(source);
    return true;
  } catch {
    return false;
  }
}

function visit(node: Node, each: (node: Node) => void): void {
  if (node.type.startsWith('Import') || node.type === 'ExportAllDeclaration' || node.directive) return;
  if (node.type.startsWith('TS') && !typedExpressions.includes(node.type)) return;
  each(node);
  for (const [property, value] of Object.entries(node)) {
    const isName = property === 'key' && node.computed !== true;
    if (isName || (node.type === 'ExportNamedDeclaration' && property === 'source')) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, each);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function mutationsOfNode(node: Node, source: string): Mutation[] {
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  const replace = (operator: string, { start, end }: Pick<Node, 'start' | 'end'>, ...replacements: string[]) =>
    replacements.map((replacement) => ({ operator, start, end, replacement }));
  if (removable.includes(node.type)) return replace('removed statement', node, ';');
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression': {
      const [left, right] = [node.left as Node, node.right as Node];
      if (node.operator === '??') return replace('logical', node, textOf(left), textOf(right));
      const change = operators[node.operator as string];
      if (!change || [left, right].some(isText)) return [];
      const start = source.indexOf(node.operator as string, left.end);
      return replace(change.operator, { start, end: start + (node.operator as string).length }, ...change.by);
    }
    case 'UnaryExpression':
      return ['!', '-'].includes(node.operator as string)
        ? replace('logical', node, textOf(node.argument as Node))
        : [];
    case 'IfStatement': {
      const test = node.test as Node;
      return isFlipped(test) ? [] : replace('swapped branches', test, `!(${textOf(test)})`);
    }
    case 'ConditionalExpression': {
      const [test, yes, no] = [node.test, node.consequent, node.alternate] as [Node, Node, Node];
      return isFlipped(test)
        ? []
        : replace('swapped branches', node, `(${textOf(test)}) ? (${textOf(no)}) : (${textOf(yes)})`);
    }
    case 'CallExpression':
    case 'NewExpression': {
      const given = node.arguments as Node[];
      const last = given.at(-1);
      if (!last) return [];
      const end = last.end + /^\s*,?/.exec(source.slice(last.end))![0].length;
      return replace('removed argument', { start: given.at(-2)?.end ?? last.start, end }, '');
    }
    case 'MemberExpression': {
      const property = node.property as Node;
      const swapped = node.computed === true ? undefined : swappedMethods[textOf(property)];
      return swapped ? replace('swapped method', property, swapped) : [];
    }
    case 'Literal':
      return replace(typeof node.value === 'string' ? 'string' : 'literal', node, ...otherLiterals(node, textOf(node)));
    case 'TemplateElement': {
      // The node includes the delimiters: a back quote, or a brace and a dollar.
      const piece = { start: node.start + 1, end: node.end - (node.tail === true ? 1 : 2) };
      return source.slice(piece.start, piece.end).trim() === '' ? [] : replace('string', piece, '');
    }
    default:
      return [];
  }
}

/** Returns whether another mutation already inverts the condition. */
function isFlipped(test: Node): boolean {
  return ['===', '!==', '!'].includes(test.operator as string);
}

/** Returns whether `+` joins texts here: the difference of texts is a fault that any test finds. */
function isText({ type, value }: Node): boolean {
  return type === 'TemplateLiteral' || typeof value === 'string';
}

function otherLiterals({ value }: Node, text: string): string[] {
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value === 'number') return [`(${value + 1})`, `(${value - 1})`];
  if (typeof value === 'bigint') return [`${value + 1n}n`];
  return typeof value === 'string' ? [text.length > 2 ? "''" : "'mutated'"] : [];
}
