import type { Regex, RegexStep } from '../../lambda/rules/model.ts';

/** The maximum length of an expression, which also limits its nesting. */
const maxLength = 1000;

/** The maximum number of steps. Matching a value of 4096 characters then takes some milliseconds. */
const maxSteps = 500;

type Chars = Extract<RegexStep, { chars: unknown }>;

type Node =
  | Chars
  | Extract<RegexStep, { edge: unknown }>
  | { readonly all: readonly Node[] }
  | { readonly any: readonly Node[] }
  | { readonly repeat: Node; readonly min: number; readonly max: number | undefined };

class InvalidRegex extends Error {}

/**
 * Compiles a regular expression of Sigma's flavour (Sigma Modifiers 2.1, "Regular Expression"): `.`, `^`, `$`, `*`, `+`,
 * `?`, `{n,m}`, `[a-z]`, `[^a-z]`, `|`, `()`, and a backslash before a literal character. A match may be anywhere in a
 * value. The expression runs as an automaton, in time linear in the length of the value.
 *
 * @returns the steps, or the problem of an invalid expression
 */
export function compileRegex(text: string, insensitive: boolean): Regex | { readonly problem: string } {
  try {
    const node = parse(text);
    if (sizeOf(node) > maxSteps) throw new InvalidRegex(`it needs more than ${maxSteps} steps`);
    const steps: RegexStep[] = [];
    emit(node, steps);
    return insensitive ? { steps, insensitive } : { steps };
  } catch (error) {
    if (!(error instanceof InvalidRegex)) throw error;
    const start = text.length > 64 ? `${text.slice(0, 64)}...` : text;
    return { problem: `the regular expression ${JSON.stringify(start)} is invalid: ${error.message}` };
  }
}

function parse(text: string): Node {
  if (text === '') throw new InvalidRegex('it is empty');
  if (text.length > maxLength) throw new InvalidRegex(`it is longer than ${maxLength} characters`);
  const chars = [...text];
  let next = 0;
  const take = (char: string) => {
    if (chars[next] !== char) return false;
    next += 1;
    return true;
  };

  function alternatives(): Node {
    const any = [sequence()];
    while (take('|')) any.push(sequence());
    return any.length === 1 ? any[0]! : { any };
  }

  function sequence(): Node {
    const all: Node[] = [];
    while (next < chars.length && chars[next] !== '|' && chars[next] !== ')') all.push(repeated(atom()));
    return all.length === 1 ? all[0]! : { all };
  }

  function repeated(node: Node): Node {
    const times = quantifier();
    if (!times) return node;
    if ('edge' in node) throw new InvalidRegex('^ and $ cannot be repeated');
    if (['?', '+', '*', '{'].includes(chars[next] ?? '')) {
      throw new InvalidRegex(`${chars[next]} follows a quantifier: lazy and possessive quantifiers are not supported`);
    }
    return { repeat: node, ...times };
  }

  function quantifier(): { min: number; max: number | undefined } | undefined {
    if (take('*')) return { min: 0, max: undefined };
    if (take('+')) return { min: 1, max: undefined };
    if (take('?')) return { min: 0, max: 1 };
    if (chars[next] !== '{') return undefined;
    const [quantifier, min, comma, max] = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(chars.slice(next).join('')) ?? [];
    if (quantifier === undefined)
      throw new InvalidRegex('{ does not begin a quantifier such as {2,5}; write \\{ for the character');
    next += quantifier.length;
    const times = { min: Number(min), max: comma && max === undefined ? undefined : Number(max ?? min) };
    if (times.max !== undefined && times.max < times.min)
      throw new InvalidRegex(`the minimum of ${quantifier} exceeds its maximum`);
    return times;
  }

  function atom(): Node {
    const char = chars[next]!;
    if (['*', '+', '?'].includes(char)) throw new InvalidRegex(`${char} has nothing before it to repeat`);
    if (take('(')) {
      if (chars[next] === '?') throw new InvalidRegex('(? is not supported; write a group as (...)');
      const inner = alternatives();
      if (!take(')')) throw new InvalidRegex('a ( is not closed');
      return { all: [inner] };
    }
    if (take('[')) return characterClass();
    if (take('^')) return { edge: 'start' };
    if (take('$')) return { edge: 'end' };
    if (take('.')) return { chars: [], not: true };
    if (char === '{') throw new InvalidRegex('{ has nothing before it to repeat; write \\{ for the character');
    const code = character();
    return { chars: [[code, code]] };
  }

  function characterClass(): Chars {
    const not = take('^');
    const ranges: [number, number][] = [];
    if (chars[next] === ']') throw new InvalidRegex('[] is empty; write \\] for the character');
    while (!take(']')) {
      if (next >= chars.length) throw new InvalidRegex('a [ is not closed');
      if (chars[next] === '[' && [':', '.', '='].includes(chars[next + 1] ?? '')) {
        throw new InvalidRegex(`[${chars[next + 1]} is not supported; list the characters, such as [a-z]`);
      }
      const from = character();
      const isRange = chars[next] === '-' && chars[next + 1] !== undefined && chars[next + 1] !== ']';
      if (isRange) next += 1;
      const to = isRange ? character() : from;
      if (to < from) throw new InvalidRegex('a range such as z-a is in the wrong order');
      ranges.push([from, to]);
    }
    return not ? { chars: ranges, not } : { chars: ranges };
  }

  function character(): number {
    const isEscaped = take('\\');
    const char = chars[next];
    if (char === undefined) throw new InvalidRegex('it ends in a backslash');
    if (isEscaped && /[\p{L}\p{N}]/u.test(char)) {
      throw new InvalidRegex(`\\${char} is not in Sigma's flavour; list the characters, such as [0-9]`);
    }
    next += 1;
    return char.codePointAt(0)!;
  }

  const node = alternatives();
  if (next < chars.length) throw new InvalidRegex('a ) is not opened');
  return node;
}

/** Returns the number of steps of a node: at least one, so that repetitions of an empty node are bounded too. */
function sizeOf(node: Node): number {
  if ('all' in node) return Math.max(1, sum(node.all.map(sizeOf)));
  if ('any' in node) return sum(node.any.map(sizeOf)) + 2 * (node.any.length - 1);
  if (!('repeat' in node)) return 1;
  const size = sizeOf(node.repeat);
  const { min, max } = node;
  return Math.max(1, min * size + (max === undefined ? size + 2 : (max - min) * (size + 1)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function emit(node: Node, steps: RegexStep[]): void {
  if ('all' in node) for (const part of node.all) emit(part, steps);
  else if ('any' in node) emitAlternatives(node.any, steps);
  else if ('repeat' in node) emitRepeat(node, steps);
  else steps.push(node);
}

function emitAlternatives(any: readonly Node[], steps: RegexStep[]): void {
  const [first, ...others] = any;
  if (others.length === 0) {
    emit(first!, steps);
    return;
  }
  const fork = reserve(steps);
  emit(first!, steps);
  const exit = reserve(steps);
  steps[fork] = { goto: [fork + 1, steps.length] };
  emitAlternatives(others, steps);
  steps[exit] = { goto: [steps.length] };
}

function emitRepeat({ repeat, min, max }: Extract<Node, { repeat: Node }>, steps: RegexStep[]): void {
  for (let time = 0; time < min; time += 1) emit(repeat, steps);
  if (max === undefined) {
    const fork = reserve(steps);
    emit(repeat, steps);
    steps.push({ goto: [fork] });
    steps[fork] = { goto: [fork + 1, steps.length] };
    return;
  }
  const forks: number[] = [];
  for (let time = min; time < max; time += 1) {
    forks.push(reserve(steps));
    emit(repeat, steps);
  }
  for (const fork of forks) steps[fork] = { goto: [fork + 1, steps.length] };
}

/** Reserves a step whose targets are not known yet. @returns its index */
function reserve(steps: RegexStep[]): number {
  return steps.push({ goto: [] }) - 1;
}
