/**
 * Returns the number of bytes that base64 text encodes; not a whole number if a character is missing. Node.js skips
 * invalid characters, so fewer decoded bytes than this mean that the text is invalid.
 */
export function encodedBytes(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}
