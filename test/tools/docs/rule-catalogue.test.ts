import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { catalogueText } from '../../../tools/docs/rule-catalogue.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/rules/catalogue.md'), 'utf8');
const sections = page.split(/^## /m).slice(1);

describe('catalogueText', () => {
  it('returns the page that npm run docs wrote', () => {
    expect(catalogueText()).toBe(page);
  });

  it.each(compileRuleDirectory().rules.map(({ name }) => name))('has every part of the section of %s', (name) => {
    const section = sections.find((text) => text.startsWith(`${name}\n`));
    for (const part of [
      '| level |',
      '| key |',
      '| window |',
      '| threshold |',
      'Harmless when',
      'Tuning:\n\n- ',
      'Look at next:',
    ]) {
      expect(section).toContain(part);
    }
  });
});
