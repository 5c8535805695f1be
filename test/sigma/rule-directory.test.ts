import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileNetworks, compileRuleDirectory, shownPath } from '../../sigma/rule-directory.ts';

describe('compileNetworks', () => {
  it('returns the networks that the rules are compiled with', () => {
    const { lists, monitoredNetworks } = compileRuleDirectory();
    expect(compileNetworks()).toMatchObject({ lists, monitoredNetworks });
  });

  it('reports an unreadable file', () => {
    expect(() => compileNetworks('/nowhere.yml')).toThrow('/nowhere.yml cannot be read');
  });
});

describe('shownPath', () => {
  it('shows a path from the working directory, and an absolute path when it lies outside', () => {
    expect(shownPath(join(process.cwd(), 'rules/mine.yml'))).toBe('rules/mine.yml');
    expect(shownPath('/elsewhere/mine.yml')).toBe('/elsewhere/mine.yml');
    expect(shownPath(process.cwd())).toBe(process.cwd());
  });
});
