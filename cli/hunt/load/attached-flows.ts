import { open } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { messageOf } from '../../../lambda/common/errors.ts';
import { fileErrorText } from '../../terminal/file-error.ts';
import { databaseSettings } from './database-settings.ts';
import { type KeptLoad, readKeptLoad } from './kept-load.ts';
import { sqlText } from './sql-text.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** The schema of the attached database in SQL. */
export const keptSchema = 'kept.main';

/** A database in memory, to which one of flows is attached read-only. */
export interface AttachedFlows {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly load: KeptLoad;
  /** A folder for temporary files. */
  readonly folder: TemporaryFolder;
}

/** Says why a file is not a database that loadFlows has written. */
export class NotAFlowDatabase extends Error {}

/**
 * Attaches a database of flows. The database stays readable if the file is removed.
 *
 * @throws NotAFlowDatabase if loadFlows has not written the file, or it is corrupt
 */
export async function attachFlows(path: string): Promise<AttachedFlows> {
  await checkMagic(path);
  const folder = temporaryFolder();
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(':memory:', databaseSettings);
    const connection = await instance.connect();
    await connection.run(`ATTACH ${sqlText(path)} AS kept (TYPE duckdb, READ_ONLY)`).catch((error: unknown) => {
      throw new NotAFlowDatabase(messageOf(error).split('\n')[0]);
    });
    const load = await readKeptLoad(connection, keptSchema);
    if (!load) throw new NotAFlowDatabase('it is a database of something else');
    return { instance, connection, load, folder };
  } catch (error) {
    instance?.closeSync();
    await folder.remove();
    throw error;
  }
}

/** Checks the first bytes: by them, DuckDB would open files of other databases too. @throws NotAFlowDatabase */
async function checkMagic(path: string): Promise<void> {
  const handle = await open(path).catch((error: unknown) => {
    throw new NotAFlowDatabase(fileErrorText(error));
  });
  try {
    const { buffer } = await handle.read(Buffer.alloc(magicAt + magic.length), 0, magicAt + magic.length, 0);
    if (buffer.toString('latin1', magicAt) !== magic) throw new NotAFlowDatabase('it is not a DuckDB database');
  } finally {
    await handle.close();
  }
}

/** The text in each DuckDB database, and its offset in bytes (DuckDB, "Storage Versions and Format"). */
const [magic, magicAt] = ['DUCK', 8] as const;

/** Closes the database in memory and the attached one, and removes the temporary folder. */
export async function closeAttached({ instance, connection, folder }: AttachedFlows): Promise<void> {
  connection.closeSync();
  instance.closeSync();
  await folder.remove();
}
