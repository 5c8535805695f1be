import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';
import { listResources, readResource, refreshLookups } from '../settings/account-lookup.ts';
import { looksUpVpcs, type Settings } from '../settings/settings.ts';

/** The settings that select VPCs, and the settings that are checked against the VPCs found. */
export type VpcSelection = Pick<
  Settings,
  'vpcIds' | 'vpcTags' | 'allVpcs' | 'subnetIds' | 'networkInterfaceIds' | 'monitoredNetworks'
>;

/** The VPCs that get a flow log, and the networks whose flows are logged at both endpoints. */
export type LoggedVpcs = Pick<Settings, 'vpcIds' | 'monitoredNetworks'>;

/**
 * Finds the VPCs that the settings select by tag or as a whole, and their networks unless the settings name networks.
 * Returns the settings unchanged while a lookup is pending: the CDK command line then runs the app again.
 *
 * @throws FlowError `CONFIG_INVALID` that names every problem: no VPC has the tags, or AWS does not list all networks of
 * a VPC. A subnet or network interface in a logged VPC is a problem too: its flows would be counted twice
 */
export function loggedVpcs(scope: Construct, wanted: VpcSelection): LoggedVpcs {
  if (!looksUpVpcs(wanted)) return wanted;
  const { vpcTags, allVpcs, vpcIds, subnetIds, networkInterfaceIds, monitoredNetworks } = wanted;
  // All lookups come before the first use of an answer, so one run of the app requests as many as possible.
  const listed = listResources(scope, 'AWS::EC2::VPC');
  const asked = [...new Set([...(listed ?? []), ...vpcIds])];
  const vpcs = complete(asked.map((id) => readResource(scope, 'AWS::EC2::VPC', id, vpcShape)));
  const parts = complete([
    ...subnetIds.map((id) => readResource(scope, 'AWS::EC2::Subnet', id, partShape)),
    ...networkInterfaceIds.map((id) => readResource(scope, 'AWS::EC2::NetworkInterface', id, partShape)),
  ]);
  if (!listed || !vpcs || !parts) return wanted;

  const isWanted = ({ Tags }: Vpc) =>
    allVpcs ||
    Object.entries(vpcTags).every(([key, value]) => Tags.some((tag) => tag.Key === key && tag.Value === value));
  const logged = vpcs.filter((vpc) => vpcIds.includes(vpc.Identifier) || isWanted(vpc));
  const problems = [
    ...(vpcs.some(isWanted) ? [] : [nothingFound(scope, wanted, vpcs.length)]),
    ...loggedTwice(logged, parts),
    ...(monitoredNetworks.length > 0 ? [] : unknownNetworks(logged)),
  ];
  if (problems.length > 0) throw new FlowError('CONFIG_INVALID', [...problems, refreshLookups].join('\n'));
  return {
    vpcIds: logged.map(({ Identifier }) => Identifier),
    monitoredNetworks: monitoredNetworks.length > 0 ? monitoredNetworks : [...new Set(logged.flatMap(networksOf))],
  };
}

/**
 * Returns the account and region that a stack with lookups must name. Returns an empty object without lookups, so that
 * the stack is synthesized without credentials.
 *
 * @param variables the environment, in which the CDK command line passes the account and region of its credentials
 * @throws FlowError `CONFIG_INVALID` if lookups are needed and there are no credentials
 */
export function lookupEnvironment(
  wanted: Pick<VpcSelection, 'vpcTags' | 'allVpcs'>,
  { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region }: Readonly<Record<string, string | undefined>>,
): Pick<StackProps, 'env'> {
  if (!looksUpVpcs(wanted)) return {};
  if (account && region) return { env: { account, region } };
  throw new FlowError(
    'CONFIG_INVALID',
    'vpcTags and allVpcs need a lookup in your account, but the CDK command line has found no credentials: sign in to ' +
      'AWS, name a profile with --profile, or name the VPCs in vpcIds',
  );
}

/** A VPC as CloudFormation describes it: the first IPv4 network, the number of IPv4 networks, and all IPv6 networks. */
const vpcShape = z.object({
  Identifier: z.string(),
  CidrBlock: z.string(),
  CidrBlockAssociations: z.array(z.string()),
  Ipv6CidrBlocks: z.array(z.string()),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
type Vpc = z.infer<typeof vpcShape>;

/** A subnet or network interface. */
const partShape = z.object({ Identifier: z.string(), VpcId: z.string() });
type Part = z.infer<typeof partShape>;

function complete<T>(answers: readonly (T | undefined)[]): readonly T[] | undefined {
  return answers.every((answer) => answer !== undefined) ? answers : undefined;
}

function nothingFound(scope: Construct, { vpcTags, allVpcs }: VpcSelection, count: number): string {
  const { account, region } = Stack.of(scope);
  if (allVpcs) return `allVpcs: account ${account} has no VPC in ${region}`;
  return `vpcTags: none of the ${count} VPCs of account ${account} in ${region} has ${JSON.stringify(vpcTags)}`;
}

function loggedTwice(logged: readonly Vpc[], parts: readonly Part[]): string[] {
  return parts
    .filter(({ VpcId }) => logged.some(({ Identifier }) => Identifier === VpcId))
    .map(
      ({ Identifier, VpcId }) =>
        `${Identifier} is in ${VpcId}, which is logged completely: remove ${Identifier}, or its flows count twice`,
    );
}

function networksOf({ CidrBlock, Ipv6CidrBlocks }: Vpc): string[] {
  return [CidrBlock, ...Ipv6CidrBlocks];
}

function unknownNetworks(logged: readonly Vpc[]): string[] {
  const several = logged.filter(({ CidrBlockAssociations }) => CidrBlockAssociations.length > 1);
  if (several.length === 0) return [];
  const ids = several.map(({ Identifier }) => Identifier).join(', ');
  return [
    'monitoredNetworks must name the CIDR blocks of the logged networks: for a VPC with several, only the first can be ' +
      `looked up, as for ${ids}`,
  ];
}
