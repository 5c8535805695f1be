import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { FlowError } from '../../lambda/common/errors.ts';
import { listResources, readResource, refreshLookups } from '../settings/account-lookup.ts';
import { looksUpVpcs, type Settings } from '../settings/settings.ts';

/** The settings that ask for VPCs, and those that are held against what is found. */
export type VpcSelection = Pick<
  Settings,
  'vpcIds' | 'vpcTags' | 'allVpcs' | 'subnetIds' | 'networkInterfaceIds' | 'monitoredNetworks'
>;

/** Which VPCs get flow logs, and the networks whose flows are logged at both ends. */
export type LoggedVpcs = Pick<Settings, 'vpcIds' | 'monitoredNetworks'>;

/**
 * Finds the VPCs that the settings ask for by tag, or all, and the networks of what they log where the settings name
 * none. As long as something is still to be looked up, it gives the settings as they are: the app runs again.
 *
 * @throws FlowError `CONFIG_INVALID` that names every problem: tags that no VPC has, a subnet or network interface within
 * a VPC that is logged (its flows would be counted twice), a VPC whose networks AWS does not tell
 */
export function loggedVpcs(scope: Construct, wanted: VpcSelection): LoggedVpcs {
  if (!looksUpVpcs(wanted)) return wanted;
  const { vpcTags, allVpcs, vpcIds, subnetIds, networkInterfaceIds, monitoredNetworks } = wanted;
  // All is asked before any answer is looked at: each run of the app asks at once whatever it can.
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
 * The account and region that a stack must name to have something looked up in it; nothing where nothing is, so that it
 * is synthesized without credentials.
 *
 * @param variables the environment, in which the CDK command line says whose credentials it has
 * @throws FlowError `CONFIG_INVALID` where it has none
 */
export function lookupEnvironment(
  wanted: Pick<VpcSelection, 'vpcTags' | 'allVpcs'>,
  { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region }: Readonly<Record<string, string | undefined>>,
): Pick<StackProps, 'env'> {
  if (!looksUpVpcs(wanted)) return {};
  if (account && region) return { env: { account, region } };
  throw new FlowError(
    'CONFIG_INVALID',
    'vpcTags and allVpcs are looked up in your account, which takes credentials, and the CDK command line has found ' +
      'none: sign in to AWS, name a profile with --profile, or name the VPCs in vpcIds',
  );
}

/** What CloudFormation tells of a VPC: its first IPv4 network, and how many there are; all of IPv6. */
const vpcShape = z.object({
  Identifier: z.string(),
  CidrBlock: z.string(),
  CidrBlockAssociations: z.array(z.string()),
  Ipv6CidrBlocks: z.array(z.string()),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
type Vpc = z.infer<typeof vpcShape>;

/** Of a subnet or network interface. */
const partShape = z.object({ Identifier: z.string(), VpcId: z.string() });
type Part = z.infer<typeof partShape>;

function complete<T>(answers: readonly (T | undefined)[]): readonly T[] | undefined {
  return answers.every((answer) => answer !== undefined) ? answers : undefined;
}

function nothingFound(scope: Construct, { vpcTags, allVpcs }: VpcSelection, count: number): string {
  const { account, region } = Stack.of(scope);
  if (allVpcs) return `allVpcs: account ${account} has no VPC in ${region}`;
  return `vpcTags: of the ${count} VPCs of account ${account} in ${region} none has ${JSON.stringify(vpcTags)}`;
}

function loggedTwice(logged: readonly Vpc[], parts: readonly Part[]): string[] {
  return parts
    .filter(({ VpcId }) => logged.some(({ Identifier }) => Identifier === VpcId))
    .map(
      ({ Identifier, VpcId }) => `${Identifier}: leave it out, since all of ${VpcId} is logged: it would count twice`,
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
    `monitoredNetworks must name the CIDR blocks of all that is logged: of a VPC with several, such as ${ids}, only the ` +
      'first can be looked up',
  ];
}
