import { totalmem } from 'node:os';

/** The memory limit of the database; the rest of a query is spilled to disk. */
const memoryBytes = Math.round(Math.min(totalmem() / 4, 1024 ** 3));

/** The settings for opening a database. */
export const databaseSettings = {
  memory_limit: `${memoryBytes}B`,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
};
