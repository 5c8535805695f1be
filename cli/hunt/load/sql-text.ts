/** Returns an SQL literal of a text. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Returns an SQL name. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
