import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { settingsShape } from '../../lib/settings/settings.ts';

const docs = join(import.meta.dirname, '../../docs');
const pages = ['deploy/deploy.md', 'deploy/upgrade.md', 'contributing/release-checklist.md', 'operate/cost.md'].map(
  (page) => {
    return [page, readFileSync(join(docs, page), 'utf8')] as const;
  },
);
const { scripts } = JSON.parse(readFileSync(join(docs, '../package.json'), 'utf8')) as { scripts: object };

describe.each(pages)('docs/%s', (_page, text) => {
  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w-]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(scripts).toHaveProperty(name);
  });

  it('contains links to other pages', () => {
    expect(text).toMatch(/\]\((?!https?:)[^)]*\)/);
  });

  it('shows only settings that exist', () => {
    const blocks = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json]) => JSON.parse(json!) as object);
    for (const block of blocks.filter((one) => !('Version' in one))) {
      const file = 'stages' in block ? block : { stages: { default: block } };
      expect(() => readSettings({}, { path: 'flow-sentinel.json', text: JSON.stringify(file) })).not.toThrow();
    }
  });
});

describe('docs/deploy/upgrade.md', () => {
  it('says what a change does for each setting, except other log sources, when the settings have it', () => {
    const [, page] = pages.find(([name]) => name === 'deploy/upgrade.md')!;
    const [, section] = /^## What a change of settings does\n([\s\S]*?)^##/m.exec(page)!;
    const told = section!
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    const sources = ['subnetIds', 'networkInterfaceIds', 'transitGatewayIds', 'vpcTags', 'allVpcs', 'logGroups'];
    const untold = Object.keys(settingsShape.shape).filter((name) => !told.includes(name));
    expect(untold.filter((name) => ![...sources, 'senderAccountIds'].includes(name))).toEqual([]);
  });
});
