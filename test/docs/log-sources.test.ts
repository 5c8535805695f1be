import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { senderRoleName } from '../../lib/ingest/cross-account-delivery-role.ts';
import { settingsShape } from '../../lib/settings/settings.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/deploy/log-sources.md'), 'utf8');

describe('docs/deploy/log-sources.md', () => {
  it('creates sender roles by the trusted name when a sender follows the page', () => {
    expect(text).toContain(`--role-name ${senderRoleName} `);
    expect(text).toContain(`role/${senderRoleName}"`);
  });

  it('has valid JSON and existing settings when it shows a JSON block', () => {
    const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json!));
    const names = Object.keys(settingsShape.shape);

    expect(blocks).toHaveLength(7);
    for (const block of blocks.filter((one) => one.Version === undefined)) {
      expect(names).toEqual(expect.arrayContaining(Object.keys(block)));
    }
  });
});
