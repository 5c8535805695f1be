import { join } from 'node:path';

/** The name of the file of named networks in a directory of rules. */
export const networksName = 'networks.yml';

/** The directory of the rules that come with the program. */
export const defaultRulesDirectory = join(import.meta.dirname, '../rules');
