/** The version of this program in package.json. */
export const productVersion = '0.2.0';
