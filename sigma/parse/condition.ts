import type { Predicate } from '../../lambda/rules/model.ts';

/** The maximum length of a condition, which also limits its nesting. */
const maxLength = 4096;

class InvalidCondition extends Error {}

/**
 * Parses a detection's condition (Sigma Rules Specification 2.1, "condition"): selections joined by `and`, `or`, `not`
 * and parentheses, `1 of`, `any of` and `all of` with a name, a pattern or `them`. Names are case-sensitive.
 *
 * @param selections the detection's selections by name
 * @returns the predicate, or the problem of an invalid condition
 */
export function parseCondition(
  text: string,
  selections: ReadonlyMap<string, Predicate>,
): Predicate | { readonly problem: string } {
  if (text.length > maxLength) return { problem: `the condition is longer than ${maxLength} characters` };
  if (text.includes('|')) return { problem: 'an aggregation in the condition is not supported; use a correlation' };
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;

  const peek = () => tokens[next]?.toLowerCase();
  const take = (word: string) => {
    if (peek() !== word) return false;
    next += 1;
    return true;
  };

  function alternatives(): Predicate {
    const any = [conjunction()];
    while (take('or')) any.push(conjunction());
    return any.length === 1 ? any[0]! : { any };
  }

  function conjunction(): Predicate {
    const all = [negation()];
    while (take('and')) all.push(negation());
    return all.length === 1 ? all[0]! : { all };
  }

  function negation(): Predicate {
    if (take('not')) return { not: negation() };
    if (take('(')) {
      const inner = alternatives();
      if (!take(')')) throw new InvalidCondition(`expected ")" ${here()}`);
      return inner;
    }
    const quantifier = peek();
    if (tokens[next + 1]?.toLowerCase() === 'of' && quantifier !== undefined) return quantified(quantifier);
    return selection();
  }

  function quantified(quantifier: string): Predicate {
    if (!['1', 'any', 'all'].includes(quantifier)) {
      throw new InvalidCondition(`"${quantifier} of" is not supported, expected 1 of, any of or all of`);
    }
    next += 2;
    const pattern = tokens[next];
    if (pattern === undefined) throw new InvalidCondition(`expected a selection ${here()}`);
    next += 1;
    const parts = selected(pattern);
    return quantifier === 'all' ? { all: parts } : { any: parts };
  }

  function selected(pattern: string): Predicate[] {
    // Names that begin with _ match only patterns that begin with _.
    const matches = (name: string) =>
      (pattern.toLowerCase() === 'them' || matchesWildcard(name, pattern)) &&
      (pattern.startsWith('_') || !name.startsWith('_'));
    const parts = [...selections].filter(([name]) => matches(name)).map(([, predicate]) => predicate);
    if (parts.length === 0) throw new InvalidCondition(`no selection matches ${JSON.stringify(pattern)}`);
    return parts;
  }

  function selection(): Predicate {
    const name = tokens[next];
    const predicate = name === undefined ? undefined : selections.get(name);
    if (!predicate) {
      const known = selections.size === 0 ? 'but there are none' : `one of ${[...selections.keys()].join(', ')}`;
      throw new InvalidCondition(`expected a selection ${here()}, ${known}`);
    }
    next += 1;
    return predicate;
  }

  const here = () => (next < tokens.length ? `at ${JSON.stringify(tokens[next])}` : 'at the end');

  try {
    const predicate = alternatives();
    if (next < tokens.length) throw new InvalidCondition(`expected and, or, or the end ${here()}`);
    return predicate;
  } catch (error) {
    if (error instanceof InvalidCondition) return { problem: `condition: ${error.message}` };
    throw error;
  }
}

function matchesWildcard(name: string, pattern: string): boolean {
  const [head = '', ...tails] = pattern.split('*');
  if (tails.length === 0) return name === pattern;
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const [index, tail] of tails.entries()) {
    const found = index === tails.length - 1 ? Math.max(at, name.length - tail.length) : name.indexOf(tail, at);
    if (found < 0 || !name.startsWith(tail, found)) return false;
    at = found + tail.length;
  }
  return true;
}
