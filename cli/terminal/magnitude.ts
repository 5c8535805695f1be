/** Formats a number in few characters: `1 M`, `100 M`, `10 G`. */
export function formatMagnitude(value: number): string {
  const [unit, divisor] =
    value >= 1e9 ? [' G', 1e9] : value >= 1e6 ? [' M', 1e6] : value >= 1e3 ? [' k', 1e3] : ['', 1];
  return `${Number((value / divisor).toPrecision(4))}${unit}`;
}

/**
 * Parses a number above 0 such as `100M`: k, M and G stand for thousands, millions and thousands of millions.
 *
 * @returns undefined if the text is invalid or the number exceeds 10^13
 */
export function parseMagnitude(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([kMG]?)$/.exec(text) ?? [];
  const value = Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit]!;
  return value > 0 && value <= 1e13 ? value : undefined;
}
