import { type Command, InvalidArgumentError, Option } from 'commander';
import { scopes } from '../../lambda/flow-log/scope.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { parseMonitoredNetwork } from '../../sigma/compile/monitored-network.ts';

/**
 * Adds `--monitored-networks` and `--stage`, which decide at which end a flow counts (monitored-networks/).
 *
 * @param stageHelp what a command reads from the stage
 */
export function withMonitoredNetworks(command: Command, stageHelp = 'whose monitoredNetworks apply'): Command {
  return command
    .option(
      '--monitored-networks <cidrs>',
      'CIDR blocks of the logged networks, separated by commas: their flows count at the source only (default: those of --networks, or else of --stage)',
      monitoredNetworks,
    )
    .option(
      '--stage <name>',
      `stage of flow-sentinel.json ${stageHelp} (default: the stage named default, or the only one)`,
    );
}

/** Adds `--monitored-networks`, `--stage` and `--scope`, for the commands that evaluate rules. */
export function withMonitoredNetworksAndScope(command: Command): Command {
  return withMonitoredNetworks(command, 'whose settings apply where no option is given').addOption(
    new Option(
      '--scope <scope>',
      'what keeps networks with the same addresses apart (default: scope of --stage)',
    ).choices(scopes),
  );
}

/** Parses networks that are separated by commas. @throws InvalidArgumentError that names the first invalid network */
export function monitoredNetworks(text: string): Network[] {
  return text.split(',').map((part) => {
    const network = parseMonitoredNetwork(part.trim());
    if ('problem' in network) throw new InvalidArgumentError(`${network.problem}.`);
    return network;
  });
}
