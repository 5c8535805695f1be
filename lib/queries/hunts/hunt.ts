import type { Dialect, HuntedList } from './sql-dialect.ts';

/** A required parameter of a hunt: an address. */
export interface HuntParameter {
  readonly name: string;
  readonly description: string;
}

/** The optional parameters of a hunt. */
export interface HuntOptions {
  /** The maximum number of rows. */
  readonly top: number;
  /** The interval of a hunt over time, in seconds. */
  readonly interval: number;
  /** The longest pause within one connection, in seconds. */
  readonly gap: number;
}

/** A recurring question on flow logs, in SQL on the table `vpc_flow_logs`. */
export interface Hunt {
  readonly name: string;
  /** The rows of the result. */
  readonly description: string;
  readonly parameters: readonly HuntParameter[];
  /** The number of days before the last one to read by default. */
  readonly days: number;
  /** The list of networks that the hunt uses. */
  readonly list?: HuntedList;
  /** The option that the hunt has besides `top`; `since` is the start of the recent flows: see `Dialect.recent`. */
  readonly option?: 'interval' | 'gap' | 'since';
  readonly template: (question: Question) => string;
}

/** The variable parts of a hunt's statement. */
export interface Question extends Dialect, HuntOptions {
  /** The condition that limits the days. */
  readonly day: string;
  readonly values: readonly string[];
}

const defaultOptions: HuntOptions = { top: 1000, interval: 3600, gap: 1800 };

/**
 * Returns a hunt as one SQL statement.
 *
 * @param values an expression for each parameter of the hunt: a text in quotes, or `?`
 */
export function huntSql(
  hunt: Hunt,
  dialect: Dialect,
  values: readonly string[],
  options: Partial<HuntOptions> = {},
): string {
  const day = dialect.since(hunt.days);
  return hunt.template({ ...dialect, day, values, ...defaultOptions, ...options }).trim();
}
