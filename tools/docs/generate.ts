import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsSchemaText } from '../../lib/settings/settings-schema.ts';
import { costPage, costPageText } from './cost-page.ts';
import { picturedTemplate } from './diagram-template.ts';
import { catalogueText } from './rule-catalogue.ts';
import { settingsPageText } from './settings-page.ts';
import { constructNames, pictureOf } from './stack-svg.ts';

/** Writes what of the documentation is made of the code, the rules, the template and the cost model. */

const docs = join(import.meta.dirname, '../../docs');
writeFileSync(join(docs, 'rules/catalogue.md'), catalogueText());
writeFileSync(join(docs, 'reference/settings.schema.json'), settingsSchemaText());
writeFileSync(join(docs, 'reference/settings.md'), settingsPageText());
writeFileSync(join(docs, 'reference/stack.svg'), pictureOf(picturedTemplate(), constructNames()));
writeFileSync(costPage, costPageText());
