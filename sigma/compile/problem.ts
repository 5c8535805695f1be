import type { YamlPath } from '../parse/yaml-document.ts';

/** A mistake at a location of a document. */
export interface Problem {
  readonly path: YamlPath;
  readonly text: string;
}

/** A value with the mistakes found in it; after a mistake, the value is a stand-in that lets the checks continue. */
export interface Checked<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}
