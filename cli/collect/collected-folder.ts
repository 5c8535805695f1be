import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { beginAtomicFile } from '../terminal/atomic-file.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError, readInput } from '../terminal/input-error.ts';
import { makeDirectories } from '../terminal/make-directories.ts';
import { type CollectedRegion, formatCollected, parseCollected, withRegion } from './collected-regions.ts';
import { beginJsonList, type JsonListFile } from './json-list-file.ts';

/** The paths of a region's files. */
export interface RegionFiles {
  readonly networkInterfaces: string;
  readonly instances: string;
}

/** The files of a region while they are written. */
export interface RegionWriter {
  readonly networkInterfaces: JsonListFile;
  readonly instances: JsonListFile;
  /** Moves both files to their paths, and then adds the region to collected.json. */
  commit(collected: CollectedRegion): Promise<void>;
  /** Removes the unfinished files; those of an earlier run stay unchanged. */
  discard(): Promise<void>;
}

/** The output folder: collected.json, and a folder for each region. Only its owner may read what the command makes. */
export class CollectedFolder {
  readonly #path: string;
  readonly #index: string;

  /**
   * Checks the folder, and changes nothing.
   *
   * @throws InputError if the path is not a folder, or if the folder has files that this command did not write
   */
  constructor(path: string) {
    this.#path = path;
    this.#index = join(path, 'collected.json');
    if (isMissingOrEmpty(path)) return;
    if (!existsSync(this.#index)) {
      throw new InputError(
        `${path} is not empty and has no collected.json: name a new folder, or one that this command wrote`,
      );
    }
    this.#regions();
  }

  /**
   * Makes the folder and its collected.json if they are missing, so that a later run accepts the folder even if this run
   * is cut off.
   *
   * @throws InputError if the folder or the file cannot be written
   */
  async prepare(): Promise<void> {
    this.#makeFolder(this.#path);
    if (!existsSync(this.#index)) await this.#writeIndex([]);
  }

  /** Returns the paths of a region's files. */
  filesOf(region: string): RegionFiles {
    return {
      networkInterfaces: join(this.#path, region, 'describe-network-interfaces.json'),
      instances: join(this.#path, region, 'describe-instances.json'),
    };
  }

  /** Creates the files of a region under temporary names. @throws InputError if they cannot be written */
  async begin(region: string): Promise<RegionWriter> {
    const folder = join(this.#path, region);
    this.#makeFolder(folder);
    const paths = this.filesOf(region);
    const networkInterfaces = await beginJsonList(paths.networkInterfaces, 'NetworkInterfaces');
    const instances = await beginJsonList(paths.instances, 'Reservations').catch(async (error: unknown) => {
      await networkInterfaces.discard();
      throw error;
    });
    return {
      networkInterfaces,
      instances,
      commit: async (collected) => {
        await networkInterfaces.commit();
        await instances.commit();
        // Reads the file again, since another run may have added a region.
        await this.#writeIndex(withRegion(this.#regions(), collected));
      },
      discard: async () => {
        await networkInterfaces.discard();
        await instances.discard();
        removeIfEmpty(folder);
      },
    };
  }

  #makeFolder(path: string): void {
    try {
      makeDirectories(path, 0o700);
    } catch (error) {
      throw new InputError(`${path} cannot be made: ${fileErrorText(error)}`);
    }
  }

  #regions(): readonly CollectedRegion[] {
    const regions = parseCollected(readInput(this.#index));
    if (regions) return regions;
    throw new InputError(
      `${this.#index} is invalid: got other text, expected a file of this command, version 1; name another folder`,
    );
  }

  async #writeIndex(regions: readonly CollectedRegion[]): Promise<void> {
    const file = await beginAtomicFile(this.#index, 0o600);
    await file.write(formatCollected(regions));
    await file.commit();
  }
}

function isMissingOrEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    throw new InputError(`${path} cannot be used: ${isFile ? 'it is not a folder' : fileErrorText(error)}`);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder has the files of an earlier run.
  }
}
