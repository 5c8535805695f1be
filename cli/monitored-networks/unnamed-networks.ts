import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsPath } from '../../lib/settings/load-settings.ts';
import { defaultRulesDirectory, networksName } from '../../sigma/default-rules.ts';
import type { MonitoredNetworkOptions, MonitoredNetworks } from './monitored-networks.ts';

/**
 * Returns the monitored networks of a run if neither its options nor a file can name any: none, as in a new checkout. The
 * parsers of YAML and of settings, which take 150 ms to load, are then not needed.
 *
 * @returns undefined if monitoredNetworksOf must tell
 */
export function unnamedNetworks(
  { monitoredNetworks, networks, stage }: MonitoredNetworkOptions,
  settings: string = settingsPath,
  namedNetworks: string = join(defaultRulesDirectory, networksName),
): MonitoredNetworks | undefined {
  if (monitoredNetworks || networks !== undefined || stage !== undefined) return undefined;
  if (!hasOneStageWithoutNetworks(textOf(settings)) || mayNameNetworks(textOf(namedNetworks))) return undefined;
  return { networks: [], source: undefined, needsStage: false };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Returns whether the text is flow-sentinel.json with a single stage, which does not name monitored networks. */
function hasOneStageWithoutNetworks(settings: string): boolean {
  if (settings.includes('monitoredNetworks')) return false;
  try {
    const { stages } = JSON.parse(settings) as { stages?: object };
    return Object.keys(stages ?? {}).length === 1;
  } catch {
    return false;
  }
}

/** Returns whether the YAML of named networks has the key, but in a comment. A missing file is reported by the parser. */
function mayNameNetworks(yaml: string): boolean {
  return yaml === '' || yaml.replaceAll(/^\s*#.*$/gm, '').includes('monitored_networks');
}
