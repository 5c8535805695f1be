import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { monitoredNetworksOf, scopeOf } from '../../../cli/monitored-networks/monitored-networks.ts';
import { InputError } from '../../../cli/terminal/input-error.ts';
import { networkText } from '../../../lambda/networks/ip-address.ts';
import { parseNetworks } from '../../../sigma/compile/monitored-network.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const missing = join(temporaryFolder(), 'missing.json');

/** Writes a settings file and returns its path. */
function fileOf(stages: object): string {
  const path = join(temporaryFolder(), 'flow-sentinel.json');
  writeFileSync(path, JSON.stringify({ stages }));
  return path;
}

const dev = { monitoredNetworks: ['10.1.0.0/16'] };
const prod = { monitoredNetworks: ['10.2.0.0/16', 'fd00::/56'] };
const ofFile = (...texts: string[]) => ({ monitoredNetworks: parseNetworks(texts) });
const given = { monitoredNetworks: parseNetworks(['10.9.0.0/16']) };

describe('monitoredNetworksOf', () => {
  it.each([
    ['the option', { ...given, networks: 'mine.yml' }, '10.9.0.0/16', '--monitored-networks'],
    ['the file of --networks', { networks: 'mine.yml' }, '10.8.0.0/16', 'mine.yml'],
    ['the only stage', {}, '10.1.0.0/16', 'stage dev of flow-sentinel.json'],
    ['the named stage', { stage: 'dev' }, '10.1.0.0/16', 'stage dev of flow-sentinel.json'],
  ])('returns the networks of %s when several places name networks', (_, options, network, source) => {
    const found = monitoredNetworksOf(ofFile('10.8.0.0/16'), options, fileOf({ dev }));
    expect({ ...found, networks: found.networks.map(networkText) }).toEqual({ networks: [network], source });
  });

  it('returns the networks of the stage named default when there are several stages', () => {
    const { networks, source } = monitoredNetworksOf(ofFile(), {}, fileOf({ dev, default: prod }));
    expect(networks.map(networkText)).toEqual(prod.monitoredNetworks);
    expect(source).toBe('stage default of flow-sentinel.json');
  });

  it('returns the networks beside the rules when the stage names none, or there is no flow-sentinel.json', () => {
    for (const file of [fileOf({ dev: {} }), missing]) {
      expect(monitoredNetworksOf(ofFile('10.8.0.0/16'), {}, file)).toMatchObject({ source: 'networks.yml' });
    }
  });

  it('returns no network, and that a stage is needed, when several stages are named and none is chosen', () => {
    const none = { networks: [], source: undefined };
    expect(monitoredNetworksOf(ofFile(), {}, fileOf({ dev, prod }))).toEqual({ ...none, needsStage: true });
    expect(monitoredNetworksOf(ofFile(), {}, fileOf({ dev: {} }))).toEqual({ ...none, needsStage: false });
    expect(monitoredNetworksOf(ofFile(), {}, missing)).toEqual({ ...none, needsStage: false });
  });

  it('refuses an unknown stage, and a mistake in flow-sentinel.json', () => {
    expect(() => monitoredNetworksOf(ofFile(), { stage: 'test' }, fileOf({ dev, prod }))).toThrow(
      new InputError('--stage is invalid: got "test", expected a stage of flow-sentinel.json: dev, prod'),
    );
    const wrong = fileOf({ dev: { monitoredNetworks: ['0.0.0.0/0'] } });
    expect(() => monitoredNetworksOf(ofFile(), {}, wrong)).toThrow('0.0.0.0/0 is too wide');
  });
});

describe('scopeOf', () => {
  it('returns the scope of the option, or of the chosen stage, and none without a file, a stage or the setting', () => {
    const file = fileOf({ dev: { scope: 'account' }, prod: { scope: 'vpc' }, test: {} });
    expect(scopeOf({ stage: 'prod', scope: 'account' }, file)).toBe('account');
    expect(scopeOf({ stage: 'prod' }, file)).toBe('vpc');
    expect(scopeOf({ stage: 'test' }, file)).toBeUndefined();
    expect(scopeOf({}, file)).toBeUndefined();
    expect(scopeOf({}, fileOf({ dev: { scope: 'account' } }))).toBe('account');
    expect(scopeOf({}, missing)).toBeUndefined();
  });
});
