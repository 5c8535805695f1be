import type { AlertBody } from '../../lambda/alert/alert-body.ts';

/** A rule's alert for one key; one of a digest has the digest's window. Times are epoch seconds. */
export interface RaisedAlert {
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
}

/** The alerts that a message tells of: its own, or each that a digest lists. A note of an end is none. */
export function raisedAlerts({ rule, key, window, digest, ended }: AlertBody): RaisedAlert[] {
  if (ended) return [];
  const keys = digest ? digest.keys.map((one) => one.key) : [key];
  return keys.map((one) => ({ rule, key: one, ...window }));
}
