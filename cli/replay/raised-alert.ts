import type { AlertBody } from '../../lambda/alert/alert-body.ts';

/** Alert of a rule for one key; within a digest it has the digest's window. Times are epoch seconds. */
export interface RaisedAlert {
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  /** That of the rule, or the one to which context raised it. */
  readonly level: string;
  readonly from: number;
  readonly to: number;
}

/** Returns the alerts of a message: its own, or those that a digest lists; none for a resolution notice or an update. */
export function raisedAlerts({ rule, key, level, window, digest, ended, update }: AlertBody): RaisedAlert[] {
  if (ended || update) return [];
  const keys = digest ? digest.keys.map((one) => one.key) : [key];
  return keys.map((one) => ({ rule, key: one, level, ...window }));
}
