import type { Regex, RegexStep } from './model.ts';

/**
 * Makes the function that finds a regular expression in a text. All ways through the expression are followed at once
 * (Thompson's construction), so time is at most the text's length times the number of steps.
 */
export function regexTester({ steps, insensitive }: Regex): (text: string) => boolean {
  const accepts = steps.map((step) => ('chars' in step ? characterTester(step, insensitive === true) : undefined));
  const seen = new Float64Array(steps.length + 1);
  let round = 0;
  return (text) => {
    let waiting: number[] = [];
    for (let at = 0; ; ) {
      round += 1;
      // It may begin at any place.
      const todo = [...waiting, 0];
      waiting = [];
      const code = text.codePointAt(at);
      while (todo.length > 0) {
        const index = todo.pop()!;
        if (seen[index] === round) continue;
        seen[index] = round;
        const step = steps[index];
        if (step === undefined) return true;
        if ('goto' in step) todo.push(...step.goto);
        else if ('edge' in step) {
          if (step.edge === 'start' ? at === 0 : code === undefined) todo.push(index + 1);
        } else if (code !== undefined && accepts[index]!(code)) waiting.push(index + 1);
      }
      if (code === undefined) return false;
      at += code > 0xffff ? 2 : 1;
    }
  };
}

const asciiCodes = 128;

/** Whether a step takes a character; for ASCII it is looked up. */
function characterTester(
  { chars, not }: Extract<RegexStep, { chars: unknown }>,
  insensitive: boolean,
): (code: number) => boolean {
  const isIn = (code: number) => chars.some(([from, to]) => code >= from && code <= to);
  const test = (code: number) => (insensitive ? cases(code).some(isIn) : isIn(code)) !== (not === true);
  const ascii = Array.from({ length: asciiCodes }, (_, code) => test(code));
  return (code) => (code < asciiCodes ? ascii[code]! : test(code));
}

function cases(code: number): number[] {
  const char = String.fromCodePoint(code);
  return [char, char.toLowerCase(), char.toUpperCase()].map((one) => one.codePointAt(0)!);
}
