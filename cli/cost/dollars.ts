/** Formats US dollars, with cents below a thousand. */
export function dollars(usd: number): string {
  const fraction = usd < 1000 ? 2 : 0;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: fraction })}`;
}
