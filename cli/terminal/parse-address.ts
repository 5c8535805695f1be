import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { InputError } from './input-error.ts';

/** Parses an address to its canonical spelling. @throws InputError if it is invalid */
export function parseAddress(text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) {
    throw new InputError(
      `the address is invalid: got ${JSON.stringify(text)}, expected one such as 10.0.1.5 or 2001:db8::1`,
    );
  }
  return address;
}
