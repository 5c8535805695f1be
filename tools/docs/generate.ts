import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsSchemaText } from '../../lib/settings/settings-schema.ts';
import { costPage, costPageText } from './cost-page.ts';
import { exampleStack } from './example-stack.ts';
import { catalogueText } from './rule-catalogue.ts';
import { settingsPageText } from './settings-page.ts';
import { stackPageText } from './stack-diagram.ts';

/** Writes the generated pages: from the code, the rules, the template and the cost model. */

const docs = join(import.meta.dirname, '../../docs');
writeFileSync(join(docs, 'rules/catalogue.md'), catalogueText());
writeFileSync(join(docs, 'reference/settings.schema.json'), settingsSchemaText());
writeFileSync(join(docs, 'reference/settings.md'), settingsPageText());
writeFileSync(join(docs, 'reference/stack.md'), stackPageText(exampleStack()));
writeFileSync(costPage, costPageText());
