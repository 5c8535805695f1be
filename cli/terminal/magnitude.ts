/** A number of records in few characters: `1 M`, `100 M`, `10 G`. */
export function formatMagnitude(records: number): string {
  const [unit, by] =
    records >= 1e9 ? [' G', 1e9] : records >= 1e6 ? [' M', 1e6] : records >= 1e3 ? [' k', 1e3] : ['', 1];
  return `${Number((records / by).toPrecision(4))}${unit}`;
}

/** Reads a number such as `100M`: k, M and G for thousands, millions and thousands of millions; undefined for what is none. */
export function parseMagnitude(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([kMG]?)$/.exec(text) ?? [];
  const volume = Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit]!;
  return volume > 0 && volume <= 1e13 ? volume : undefined;
}
