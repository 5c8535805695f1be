import type { Regex, RegexStep } from './model.ts';

/**
 * Makes the function that searches a text for a regular expression. It follows all paths at once (Thompson's
 * construction). Time is therefore at most the text's length times the number of steps.
 */
export function regexTester({ steps, insensitive }: Regex): (text: string) => boolean {
  const accepts = steps.map((step) => ('chars' in step ? characterTester(step, insensitive === true) : undefined));
  /** For each step, the last round in which it was reached; each character of each text is a round. */
  const lastRound = new Float64Array(steps.length + 1);
  let round = 0;
  return (text) => {
    let next: number[] = [];
    for (let at = 0; ; ) {
      round += 1;
      // A match may begin at any character.
      const reached = [...next, 0];
      next = [];
      const code = text.codePointAt(at);
      while (reached.length > 0) {
        const index = reached.pop()!;
        if (lastRound[index] === round) continue;
        lastRound[index] = round;
        const step = steps[index];
        if (step === undefined) return true;
        if ('goto' in step) reached.push(...step.goto);
        else if ('edge' in step) {
          if (step.edge === 'start' ? at === 0 : code === undefined) reached.push(index + 1);
        } else if (code !== undefined && accepts[index]!(code)) next.push(index + 1);
      }
      if (code === undefined) return false;
      at += code > 0xffff ? 2 : 1;
    }
  };
}

const asciiCodes = 128;

/** Makes a test whether a step accepts a character; results for ASCII are in a table. */
function characterTester(
  { chars, not }: Extract<RegexStep, { chars: unknown }>,
  insensitive: boolean,
): (code: number) => boolean {
  const isIn = (code: number) => chars.some(([from, to]) => code >= from && code <= to);
  const test = (code: number) => (insensitive ? cases(code).some(isIn) : isIn(code)) !== (not === true);
  const ascii = Array.from({ length: asciiCodes }, (_, code) => test(code));
  return (code) => (code < asciiCodes ? ascii[code]! : test(code));
}

/** Returns the code points of a character in all cases. */
function cases(code: number): number[] {
  const char = String.fromCodePoint(code);
  return [char, char.toLowerCase(), char.toUpperCase()].map((text) => text.codePointAt(0)!);
}
