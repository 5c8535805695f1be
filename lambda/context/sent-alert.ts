import { jsonOf } from '../common/json-value.ts';
import type { Level } from '../rules/level.ts';
import { type ContextItem, entryItem, stateKey } from './context-table.ts';
import { entitiesOfAlert } from './entity.ts';
import type { Raise } from './raise-level.ts';
import type { Note } from './relate.ts';
import type { Scene } from './scene.ts';

/** An alert that was sent, as later events need it. It is JSON; times are epoch seconds. */
export interface SentAlert {
  /** The id of the alert's message. The scene has that of the OCSF finding, which several alerts may share. */
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly scene: Scene;
  /** When the alert was sent. */
  readonly time: number;
  /** The alert's message as JSON: see alert/alert-body.ts. */
  readonly body: string;
  /** The names of the alert's SNS attributes, and their values. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** How the level was raised when the alert was sent, or by an update. */
  readonly raise?: Raise;
  /** What the alert and its updates have told. */
  readonly told: readonly Told[];
  readonly updates: readonly AlertUpdate[];
}

/** An event that an alert or an update has told, with the level of a finding. */
export interface Told {
  readonly id: string;
  readonly level?: Level;
}

/** An update of an alert: a promise to send it, until it is sent (outbox pattern). */
export interface AlertUpdate {
  /** The id of the message. */
  readonly id: string;
  /** When the update was promised last. */
  readonly time: number;
  readonly notes: readonly Note[];
  /** The level of the alert before the update, and with it. */
  readonly before: Level;
  readonly level: Level;
  readonly isSent: boolean;
}

/** Returns what notes tell, to be compared with later ones. */
export function toldBy(notes: readonly Note[]): Told[] {
  return notes.map(({ id, level }) => ({ id, ...(level !== undefined && { level }) }));
}

/** The partition key of a sent alert. @param id that of the message */
export function alertPartition(id: string): string {
  return `alert#${id}`;
}

/** Returns the item of a sent alert. @param version the number of writes */
export function sentAlertItem(alert: SentAlert, version: number, expiresAt: number): ContextItem {
  return { pk: alertPartition(alert.id), sk: stateKey, json: JSON.stringify(alert), expiresAt, version };
}

/** Returns the items by which events find a sent alert: one for each of its entities. */
export function sentAlertEntries({ id, rule, title, scene, raise }: SentAlert, expiresAt: number): ContextItem[] {
  const { uid, tactics, vpcs, remotes, to } = scene;
  const hosts = scene.hosts.map(({ address }) => address);
  const activeHosts = scene.hosts.filter(({ isActive }) => isActive).map(({ address }) => address);
  const entry = {
    ...{ hosts, activeHosts, vpcs, remotes },
    kind: 'alert',
    id: uid,
    message: id,
    rule,
    title,
    level: raise?.to ?? scene.level,
    tactics,
    time: to,
  } as const;
  return entitiesOfAlert(scene).map((entity) => entryItem(entity, entry, to, expiresAt));
}

/** Reads the item of a sent alert; undefined for any other item. Never throws. */
export function readSentAlert({ json }: ContextItem): SentAlert | undefined {
  const alert = jsonOf(json) as Partial<SentAlert> | undefined;
  const isAlert =
    typeof alert?.id === 'string' &&
    typeof alert.body === 'string' &&
    Array.isArray(alert.told) &&
    Array.isArray(alert.updates) &&
    typeof alert.scene?.uid === 'string';
  return isAlert ? (alert as SentAlert) : undefined;
}
