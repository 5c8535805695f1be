/** The path that means standard input, as for most commands of Unix. */
export const standardInput = '-';

/** Returns the name of an input for messages. */
export function inputName(path: string): string {
  return path === standardInput ? 'standard input' : path;
}
