import type { S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../common/errors.ts';
import type { CurrentRegions } from '../flow-log/region-fields.ts';
import type { GeoTable } from '../geo/geo-table.ts';
import { readGeoTable } from '../geo/read-geo-table.ts';
import type { S3Object } from '../rules/model.ts';
import { RefreshedObject } from './refreshed-object.ts';

/** The port that reports reads of the geo table in S3. */
export interface GeoLog {
  /** Reports a table that was read because its object had changed. */
  geoTableRead(table: GeoTable): void;
  /** Reports the time of the data in use, in epoch seconds, each time the object is checked. */
  geoTableUsed(dataTime: number): void;
  /** Reports a table that could not be read. @param hasTable whether its previous content stays in use */
  geoTableFailed(problem: string, hasTable: boolean): void;
}

/** How long a batch waits for the first table, and for another one. It is counted without the first one then. */
const timeoutMilliseconds = { first: 20_000, next: 5000 };

/** Keeps the table of regions equal to its object in S3, at most a minute late. */
export class S3GeoTable {
  readonly #object: RefreshedObject | undefined;
  readonly #regions: CurrentRegions;
  readonly #log: GeoLog;
  #refreshing: Promise<void> | undefined;

  /**
   * @param object the object with a table of `geo build`; undefined without a table
   * @param regions takes the table
   * @param createClient is called when the object is read
   * @param now a monotonic clock in milliseconds
   */
  constructor(
    object: S3Object | undefined,
    regions: CurrentRegions,
    createClient: () => Promise<S3Client>,
    log: GeoLog,
    now: () => number = () => performance.now(),
  ) {
    this.#object = object && new RefreshedObject(object, { createClient, now });
    this.#regions = regions;
    this.#log = log;
  }

  /**
   * Reads the table if it was not checked for a minute and has changed. Never rejects: if the object cannot be read, the
   * previous table stays in use, or none. Most rules need no table, and must not wait for one.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    if (!this.#object?.isDue) return;
    this.#refreshing ??= this.#read(this.#object, signal).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #read(object: RefreshedObject, signal: AbortSignal): Promise<void> {
    const use = (bytes: Uint8Array) => {
      const table = readGeoTable(bytes);
      this.#regions.current = table;
      this.#log.geoTableRead(table);
    };
    const timeout = timeoutMilliseconds[this.#regions.current ? 'next' : 'first'];
    try {
      await object.read(use, AbortSignal.any([signal, AbortSignal.timeout(timeout)]));
    } catch (error) {
      this.#log.geoTableFailed(messageOf(error), this.#regions.current !== undefined);
    }
    if (this.#regions.current) this.#log.geoTableUsed(this.#regions.current.dataTime);
    object.checked();
  }
}
