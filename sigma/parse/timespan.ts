const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * The seconds that a timespan means: a whole number of one or more and a unit, `s`, `m`, `h` or `d` (Sigma Correlation
 * Rules Specification 2.1, "timespan"); undefined for anything else. Sigma's `w`, `M` and `y` are longer than a window.
 */
export function parseTimespan(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  return match ? Number(match[1]) * unitSeconds[match[2]!]! : undefined;
}
