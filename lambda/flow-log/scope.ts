import { noCode } from './dictionary.ts';
import { notAvailable } from './fields.ts';
import { type Flow, fieldReader } from './flow.ts';
import type { FlowColumns } from './flow-columns.ts';
import { PairNumbers } from './pair-numbers.ts';

/** The values of the setting that keeps networks with the same addresses apart: by account, or by account and VPC. */
export const scopes = ['account', 'vpc'] as const;

export type Scope = (typeof scopes)[number];

const fieldsOf = { account: ['account-id'], vpc: ['account-id', 'vpc-id'] } as const;

/** The account, and with the scope `vpc` the VPC, of a counter's flows, in this order; `-` if their records lack it. */
export type KeyScope = { readonly 'account-id': string; readonly 'vpc-id'?: string };

/** Returns the fields of a scope that a format lacks: its flows all have `-` there. */
export function missingScopeFields(scope: Scope, fields: { has(name: string): boolean }): string[] {
  return fieldsOf[scope].filter((name) => !fields.has(name));
}

/** The longest word of a scope, in characters: no id of AWS is cut, and a key stays within DynamoDB's limit. */
const maxWordLength = 32;

/** Returns a word of a scope. Characters that no id of AWS has become `?`, so that words need no escape in a key. */
export function scopeWord(value: string = notAvailable): string {
  return value.slice(0, maxWordLength).replace(/[^\w-]/g, '?');
}

/** Makes a reader of the scope of many flows, as words that each have a blank before: ` 123456789012 vpc-0a`. */
export function scopeReader(scope: Scope | undefined): (flow: Flow) => string {
  if (!scope) return () => '';
  const readers = fieldsOf[scope].map(fieldReader);
  return (flow) => readers.map((read) => ` ${scopeWord(read(flow))}`).join('');
}

/** Returns the codes of each flow's words of a scopeReader, by row: noCode without a scope. */
export function scopeCodes(columns: FlowColumns, scope: Scope | undefined): Int32Array {
  const codes = new Int32Array(columns.length);
  if (!scope) return codes;
  const { dictionary, rows } = columns;
  const wordsOf = scopeReader(scope);
  const [accounts, vpcs] = fieldsOf[scope].map((field) => columns.codes(field));
  const numbers = new PairNumbers();
  const codeOf: number[] = [];
  for (let row = 0; row < codes.length; row += 1) {
    const number = numbers.numberOf(accounts![row]!, vpcs?.[row] ?? noCode);
    codeOf[number] ??= dictionary.codeOfText(wordsOf(rows.flow(row)));
    codes[row] = codeOf[number];
  }
  return codes;
}

/** Returns the scope in the words of a scopeReader; undefined without words. */
export function scopeOfWords([account, vpc]: readonly string[]): KeyScope | undefined {
  if (account === undefined) return undefined;
  return { 'account-id': account, ...(vpc !== undefined && { 'vpc-id': vpc }) };
}
