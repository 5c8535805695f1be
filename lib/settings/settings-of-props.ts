import { Token } from 'aws-cdk-lib';
import { FlowError } from '../../lambda/common/errors.ts';
import { checkSettings } from './check-settings.ts';
import type { FlowSentinelProps } from './flow-sentinel-props.ts';
import { looksUpVpcs, type Settings } from './settings.ts';

/** The properties whose ids may be unknown until deployment, each with the prefix of its ids. */
const idPrefixes = {
  vpcIds: 'vpc',
  subnetIds: 'subnet',
  networkInterfaceIds: 'eni',
  transitGatewayIds: 'tgw',
} as const;

/**
 * Checks the properties of the construct and fills in the defaults. Ids and log group names of resources in the same
 * app, such as `vpc.vpcId`, are tokens without a form that could be checked.
 *
 * @throws FlowError `CONFIG_INVALID` that names every mistake
 */
export function settingsOfProps(props: FlowSentinelProps): Settings {
  const problems: string[] = [];
  const source = {
    file: 'FlowSentinel',
    value: { ...props, ...withoutTokens(props) },
    problem: (_: unknown, text: string) => `FlowSentinel: ${text}`,
  };
  const settings = checkSettings(source, problems);
  if (settings && looksUpVpcs(settings) && hasTokenIds(props)) {
    problems.push(
      'FlowSentinel: vpcTags and allVpcs look up VPCs at synth: expected ids that are known then, got tokens',
    );
  }
  if (!settings || problems.length > 0) throw new FlowError('CONFIG_INVALID', problems.join('\n'));
  return { ...settings, ...originals(props) };
}

/** The properties that may contain tokens, each token replaced by a valid and unique placeholder. */
function withoutTokens({ logGroups, ...props }: FlowSentinelProps): Record<string, unknown> {
  const ids = Object.entries(idPrefixes).flatMap(([name, prefix]) => {
    const list = props[name as keyof typeof idPrefixes];
    const placeholder = (index: number) => `${prefix}-${index.toString(16).padStart(17, '0')}`;
    return list ? [[name, list.map((id, index) => (Token.isUnresolved(id) ? placeholder(index) : id))]] : [];
  });
  return {
    ...Object.fromEntries(ids),
    ...(logGroups && {
      logGroups: logGroups.map(({ name, ...rest }) => ({
        // The same token has the same placeholder, so that a repeated log group is found.
        name: Token.isUnresolved(name) ? `token-${logGroups.findIndex((one) => one.name === name)}` : name,
        ...rest,
      })),
    }),
  };
}

function hasTokenIds({ vpcIds = [], subnetIds = [], networkInterfaceIds = [] }: FlowSentinelProps): boolean {
  return [...vpcIds, ...subnetIds, ...networkInterfaceIds].some((id) => Token.isUnresolved(id));
}

function originals({ logGroups, ...props }: FlowSentinelProps): Partial<Settings> {
  const ids = Object.keys(idPrefixes).flatMap((name) => {
    const list = props[name as keyof typeof idPrefixes];
    return list ? [[name, [...new Set(list)]]] : [];
  });
  return { ...Object.fromEntries(ids), ...(logGroups && { logGroups: [...logGroups] }) };
}
