import type { Level } from '../rules/level.ts';
import type { ContextEvent } from './context-event.ts';

/** Another alert of ours, as the context table has it. */
export interface OtherAlert {
  readonly kind: 'alert';
  /** The id of the alert that opened the OCSF finding. */
  readonly id: string;
  /** The id of its message. */
  readonly message: string;
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
  readonly tactics: readonly string[];
  /** The addresses of its hosts, their VPCs, and the outside addresses. */
  readonly hosts: readonly string[];
  /** Those that sent a flow, or accepted one. */
  readonly activeHosts: readonly string[];
  readonly vpcs: readonly string[];
  readonly remotes: readonly string[];
  /** The end of its window in epoch seconds. */
  readonly time: number;
}

/** What is stored by an entity. */
export type ContextEntry = ContextEvent | OtherAlert;
