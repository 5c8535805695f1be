import { type KeyScope, scopeOfWords } from '../../lambda/flow-log/scope.ts';
import { InputError } from '../terminal/input-error.ts';

/** The options that name the scope of a counter, if the setting `scope` keeps networks apart. */
export interface ScopeOptions {
  readonly account?: string;
  readonly vpc?: string;
}

/** Returns the scope that the options name; undefined without them. @throws InputError for a VPC without an account */
export function keyScopeOf({ account, vpc }: ScopeOptions): KeyScope | undefined {
  if (account === undefined) {
    if (vpc === undefined) return undefined;
    throw new InputError('--account is missing: with --vpc, expected also --account, as in the alert');
  }
  for (const [option, value] of Object.entries({ '--account': account, '--vpc': vpc ?? '-' })) {
    if (/^\S+$/.test(value)) continue;
    throw new InputError(`${option} is invalid: got ${JSON.stringify(value)}, expected an id, or - if it is unknown`);
  }
  return scopeOfWords(vpc === undefined ? [account] : [account, vpc]);
}

/** Returns what to change in a command whose key has no counter, since the setting `scope` is part of each key. */
export function scopeHint(scope: KeyScope | undefined): string {
  return scope
    ? 'give --account only with the setting scope, and --vpc with scope vpc'
    : 'with the setting scope, add --account';
}
