const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Parses a timespan: a positive whole number and a unit, `s`, `m`, `h` or `d` (Sigma Correlation Rules Specification
 * 2.1, "timespan"). Sigma's `w`, `M` and `y` are longer than a window.
 *
 * @returns seconds; undefined for any other text
 */
export function parseTimespan(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  return match ? Number(match[1]) * unitSeconds[match[2]!]! : undefined;
}

/** Formats a timespan as a rule writes it, in the largest unit that divides it: `7d`, `90m`. */
export function formatTimespan(seconds: number): string {
  const units = Object.entries(unitSeconds).reverse();
  const [unit, size] = units.find(([, length]) => seconds % length === 0)!;
  return `${seconds / size}${unit}`;
}
