import { describe, expect, it } from 'vitest';
import { compileNetworks, compileRuleDirectory } from '../../sigma/rule-directory.ts';

describe('the named networks alone', () => {
  it('are those that the rules are compiled with', () => {
    const { lists, monitoredNetworks } = compileRuleDirectory();
    expect(compileNetworks()).toMatchObject({ lists, monitoredNetworks });
  });

  it('say what is wrong with their file', () => {
    expect(() => compileNetworks('/nowhere.yml')).toThrow('/nowhere.yml cannot be read');
  });
});
