import type { Regex, RegexStep } from '../../lambda/rules/model.ts';

/** The longest expression that is read; it also bounds how deep one can nest. */
const maxLength = 1000;

/** A value is looked at in time of its length, of at most 4096, times the steps: so many take some milliseconds. */
const maxSteps = 500;

type Chars = Extract<RegexStep, { chars: unknown }>;

type Node =
  | Chars
  | Extract<RegexStep, { edge: unknown }>
  | { readonly all: readonly Node[] }
  | { readonly any: readonly Node[] }
  | { readonly repeat: Node; readonly least: number; readonly most: number | undefined };

class Unreadable extends Error {}

/**
 * Reads a regular expression of Sigma's flavour (Sigma Modifiers 2.1, "Regular Expression"): `.`, `^`, `$`, `*`, `+`,
 * `?`, `{n,m}`, `[a-z]`, `[^a-z]`, `|`, `()`, and a backslash before what is meant as it is. It is found anywhere in a
 * value. It is matched as an automaton, in time of the value's length, whatever it is.
 *
 * @returns the steps, or what is wrong with the text
 */
export function compileRegex(text: string, insensitive: boolean): Regex | { readonly problem: string } {
  try {
    const node = parse(text);
    if (sizeOf(node) > maxSteps) throw new Unreadable(`it is larger than ${maxSteps} steps`);
    const steps: RegexStep[] = [];
    emit(node, steps);
    return insensitive ? { steps, insensitive } : { steps };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const start = text.length > 64 ? `${text.slice(0, 64)}...` : text;
    return { problem: `the regular expression ${JSON.stringify(start)} cannot be used: ${error.message}` };
  }
}

function parse(text: string): Node {
  if (text === '') throw new Unreadable('it is empty');
  if (text.length > maxLength) throw new Unreadable(`it is longer than ${maxLength} characters`);
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
    if ('edge' in node) throw new Unreadable('^ and $ cannot be repeated');
    if (['?', '+', '*', '{'].includes(chars[next] ?? '')) {
      throw new Unreadable(`${chars[next]} stands after a quantifier: lazy and possessive ones are not supported`);
    }
    return { repeat: node, ...times };
  }

  function quantifier(): { least: number; most: number | undefined } | undefined {
    if (take('*')) return { least: 0, most: undefined };
    if (take('+')) return { least: 1, most: undefined };
    if (take('?')) return { least: 0, most: 1 };
    if (chars[next] !== '{') return undefined;
    const [whole, least, comma, most] = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(chars.slice(next).join('')) ?? [];
    if (whole === undefined) throw new Unreadable('{ begins no quantifier such as {2,5}; write \\{ for the character');
    next += whole.length;
    const times = { least: Number(least), most: comma && most === undefined ? undefined : Number(most ?? least) };
    if (times.most !== undefined && times.most < times.least) throw new Unreadable(`${whole} ends before it begins`);
    return times;
  }

  function atom(): Node {
    const char = chars[next]!;
    if (['*', '+', '?'].includes(char)) throw new Unreadable(`${char} has nothing before it to repeat`);
    if (take('(')) {
      if (chars[next] === '?') throw new Unreadable('(? is not supported, a group is (...)');
      const inner = alternatives();
      if (!take(')')) throw new Unreadable('a ( is not closed');
      return { all: [inner] };
    }
    if (take('[')) return characterClass();
    if (take('^')) return { edge: 'start' };
    if (take('$')) return { edge: 'end' };
    if (take('.')) return { chars: [], not: true };
    if (char === '{') throw new Unreadable('{ has nothing before it to repeat; write \\{ for the character');
    const code = character();
    return { chars: [[code, code]] };
  }

  function characterClass(): Chars {
    const not = take('^');
    const ranges: [number, number][] = [];
    if (chars[next] === ']') throw new Unreadable('[] is empty; write \\] for the character');
    while (!take(']')) {
      if (next >= chars.length) throw new Unreadable('a [ is not closed');
      if (chars[next] === '[' && [':', '.', '='].includes(chars[next + 1] ?? '')) {
        throw new Unreadable(`[${chars[next + 1]} is not supported, write the characters such as [a-z]`);
      }
      const from = character();
      const isRange = chars[next] === '-' && chars[next + 1] !== undefined && chars[next + 1] !== ']';
      if (isRange) next += 1;
      const to = isRange ? character() : from;
      if (to < from) throw new Unreadable('a range such as z-a ends before it begins');
      ranges.push([from, to]);
    }
    return not ? { chars: ranges, not } : { chars: ranges };
  }

  function character(): number {
    const isEscaped = take('\\');
    const char = chars[next];
    if (char === undefined) throw new Unreadable('it ends in a backslash');
    if (isEscaped && /[\p{L}\p{N}]/u.test(char)) {
      throw new Unreadable(`\\${char} is not in Sigma's flavour, write the characters such as [0-9]`);
    }
    next += 1;
    return char.codePointAt(0)!;
  }

  const node = alternatives();
  if (next < chars.length) throw new Unreadable('a ) is not opened');
  return node;
}

/** How many steps a node takes, one at least, so that what is repeated is bounded even where it is empty. */
function sizeOf(node: Node): number {
  if ('all' in node) return Math.max(1, sum(node.all.map(sizeOf)));
  if ('any' in node) return sum(node.any.map(sizeOf)) + 2 * (node.any.length - 1);
  if (!('repeat' in node)) return 1;
  const size = sizeOf(node.repeat);
  const { least, most } = node;
  return Math.max(1, least * size + (most === undefined ? size + 2 : (most - least) * (size + 1)));
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

function emitRepeat({ repeat, least, most }: Extract<Node, { repeat: Node }>, steps: RegexStep[]): void {
  for (let time = 0; time < least; time += 1) emit(repeat, steps);
  if (most === undefined) {
    const fork = reserve(steps);
    emit(repeat, steps);
    steps.push({ goto: [fork] });
    steps[fork] = { goto: [fork + 1, steps.length] };
    return;
  }
  const forks: number[] = [];
  for (let time = least; time < most; time += 1) {
    forks.push(reserve(steps));
    emit(repeat, steps);
  }
  for (const fork of forks) steps[fork] = { goto: [fork + 1, steps.length] };
}

/** A place for a step that goes where is not known yet. */
function reserve(steps: RegexStep[]): number {
  return steps.push({ goto: [] }) - 1;
}
