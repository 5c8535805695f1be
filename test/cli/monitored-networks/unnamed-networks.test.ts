import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { monitoredNetworksOf } from '../../../cli/monitored-networks/monitored-networks.ts';
import { unnamedNetworks } from '../../../cli/monitored-networks/unnamed-networks.ts';
import { compileNetworks } from '../../../sigma/rule-directory.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;

function fileOf(text: string): string {
  files += 1;
  const path = join(folder, `file-${files}`);
  writeFileSync(path, text);
  return path;
}

const [oneStage, noNetworks] = ['{ "stages": { "default": {} } }', 'internal_networks:\n  - 10.0.0.0/8\n'];

describe('unnamedNetworks', () => {
  it('gives the networks of monitoredNetworksOf when no file names any', () => {
    const [settings, named] = [fileOf(oneStage), fileOf(`# monitored_networks:\n${noNetworks}`)];
    expect(unnamedNetworks({}, settings, named)).toEqual(monitoredNetworksOf(compileNetworks(named), {}, settings));
  });

  it.each([
    ['several stages', '{ "stages": { "a": {}, "b": {} } }', noNetworks],
    ['a stage with networks', '{ "stages": { "a": { "monitoredNetworks": ["10.0.0.0/16"] } } }', noNetworks],
    ['invalid settings', '{ "stages": ', noNetworks],
    ['named networks', oneStage, `${noNetworks}"monitored_networks": [10.0.0.0/16]\n`],
    ['an empty file of networks', oneStage, ''],
  ])('leaves the answer to the parsers when there are %s', (_, settings, named) => {
    expect(unnamedNetworks({}, fileOf(settings), fileOf(named))).toBeUndefined();
  });

  it('leaves the answer to the parsers when an option names networks or a stage', () => {
    for (const options of [{ monitoredNetworks: [] }, { networks: 'n.yml' }, { stage: 'a' }]) {
      expect(unnamedNetworks(options, fileOf(oneStage), fileOf(noNetworks))).toBeUndefined();
    }
  });
});
