import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueText } from '../cli/catalogue.ts';
import { costPage, costPageText } from '../cli/cost-page.ts';
import { picturedTemplate } from '../cli/pictured-template.ts';
import { constructNames, pictureOf } from '../cli/stack-picture.ts';
import { settingsPageText } from '../lib/settings-page.ts';
import { settingsSchemaText } from '../lib/settings-schema.ts';

/** Writes what of the documentation is made of the code, the rules, the template and the cost model. */

writeFileSync(join(import.meta.dirname, 'catalogue.md'), catalogueText());
writeFileSync(join(import.meta.dirname, 'settings.schema.json'), settingsSchemaText());
writeFileSync(join(import.meta.dirname, 'settings.md'), settingsPageText());
writeFileSync(join(import.meta.dirname, 'stack.svg'), pictureOf(picturedTemplate(), constructNames()));
writeFileSync(costPage, costPageText());
