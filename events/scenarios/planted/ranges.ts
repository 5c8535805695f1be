/** Returns `count` consecutive addresses with a prefix: decimal after a dot, hexadecimal after a colon. */
export function hosts(prefix: string, first: number, count: number): string[] {
  const base = prefix.endsWith(':') ? 16 : 10;
  return Array.from({ length: count }, (_, n) => `${prefix}${(first + n).toString(base)}`);
}

/** Returns `count` consecutive ports. */
export function ports(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => first + n);
}
