import type { AlertBody } from '../../lambda/alert/alert-body.ts';

/** Alert of a rule for one key; within a digest it has the digest's window. Times are epoch seconds. */
export interface RaisedAlert {
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
}

/** Returns the alerts of a message: its own, or those that a digest lists; none for a resolution notice. */
export function raisedAlerts({ rule, key, window, digest, ended }: AlertBody): RaisedAlert[] {
  if (ended) return [];
  const keys = digest ? digest.keys.map((one) => one.key) : [key];
  return keys.map((one) => ({ rule, key: one, ...window }));
}
