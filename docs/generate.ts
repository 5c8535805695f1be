import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueText } from '../cli/catalogue.ts';

/** Writes the pages that are made of the rules. */

writeFileSync(join(import.meta.dirname, 'catalogue.md'), catalogueText());
