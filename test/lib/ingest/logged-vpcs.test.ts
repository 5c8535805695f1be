import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { loggedVpcs, lookupEnvironment, type VpcSelection } from '../../../lib/ingest/logged-vpcs.ts';
import { createApp, synthesize } from '../synthesis.ts';

const env = { account: '123456789012', region: 'eu-central-1' };
const place = `account=${env.account}`;
const [web, shop, old] = ['vpc-0123456789abcdef0', 'vpc-0123456789abcdef1', 'vpc-01234567'] as const;

const nothing: VpcSelection = {
  vpcIds: [],
  vpcTags: {},
  allVpcs: false,
  subnetIds: [],
  networkInterfaceIds: [],
  monitoredNetworks: [],
};

function vpc(Identifier: string, CidrBlock: string, more: object = {}) {
  return { Identifier, CidrBlock, CidrBlockAssociations: ['vpc-cidr-assoc-1'], Ipv6CidrBlocks: [], Tags: [], ...more };
}

const tags = {
  Tags: [
    { Key: 'logged', Value: 'yes' },
    { Key: 'stage', Value: 'prod' },
  ],
};

/** Returns the content of cdk.context.json after lookups with these results. */
function answers(
  vpcs: readonly { readonly Identifier: string }[],
  parts: readonly { readonly Identifier: string; readonly VpcId: string }[] = [],
): Record<string, unknown> {
  const key = (type: string, id: string, properties: readonly string[]) => {
    const wanted = properties.map((name, index) => `propertiesToReturn.${index}=${name}`).join(':');
    return `cc-api-provider:${place}:exactIdentifier=${id}:${wanted}:region=${env.region}:typeName=AWS$:$:EC2$:$:${type}`;
  };
  return {
    [`cc-api-provider:${place}:region=${env.region}:typeName=AWS$:$:EC2$:$:VPC`]: vpcs.map(({ Identifier }) => ({
      Identifier,
    })),
    ...Object.fromEntries(
      vpcs.map((one) => [
        key('VPC', one.Identifier, ['CidrBlock', 'CidrBlockAssociations', 'Ipv6CidrBlocks', 'Tags']),
        [one],
      ]),
    ),
    ...Object.fromEntries(
      parts.map((one) => [
        key(one.Identifier.startsWith('eni') ? 'NetworkInterface' : 'Subnet', one.Identifier, ['VpcId']),
        [one],
      ]),
    ),
  };
}

function lookUp(wanted: Partial<VpcSelection>, context: Record<string, unknown>) {
  const app = createApp({ context });
  const { vpcIds, monitoredNetworks } = loggedVpcs(new Stack(app, 'Test', { env }), { ...nothing, ...wanted });
  return { vpcIds, monitoredNetworks, missing: app.synth().manifest.missing?.map(({ props }) => props) };
}

describe('loggedVpcs', () => {
  it('returns the named VPCs without a lookup when neither vpcTags nor allVpcs is set', () => {
    const wanted = { vpcIds: [web], monitoredNetworks: ['10.0.0.0/16'] };

    expect(lookUp(wanted, {})).toEqual({ ...wanted, missing: undefined });
  });

  it('requests the list of VPC ids first and each VPC next when nothing is cached', () => {
    expect(lookUp({ allVpcs: true }, {}).missing).toMatchObject([
      { ...env, typeName: 'AWS::EC2::VPC', propertyMatch: {}, propertiesToReturn: [] },
    ]);
    const [listed] = Object.entries(answers([vpc(web, ''), vpc(shop, '')]));
    expect(lookUp({ allVpcs: true }, Object.fromEntries([listed!]))).toMatchObject({
      vpcIds: [],
      missing: [{ exactIdentifier: web }, { exactIdentifier: shop }],
    });
  });

  it('returns every VPC with all its networks when allVpcs is true', () => {
    const context = answers([vpc(shop, '10.1.0.0/16'), vpc(web, '10.0.0.0/16', { Ipv6CidrBlocks: ['2001:db8::/56'] })]);

    expect(lookUp({ allVpcs: true }, context)).toEqual({
      vpcIds: [web, shop],
      monitoredNetworks: ['10.0.0.0/16', '2001:db8::/56', '10.1.0.0/16'],
      missing: undefined,
    });
  });

  it('returns VPCs with all tags and named VPCs, without duplicates, when vpcTags is set', () => {
    const context = answers([
      vpc(web, '10.0.0.0/16', tags),
      vpc(shop, '10.1.0.0/16', {
        Tags: [
          { Key: 'logged', Value: 'no' },
          { Key: 'stage', Value: 'prod' },
        ],
      }),
      vpc(old, '10.2.0.0/16'),
    ]);
    const vpcTags = { logged: 'yes', stage: 'prod' };

    expect(lookUp({ vpcTags }, context)).toMatchObject({ vpcIds: [web], monitoredNetworks: ['10.0.0.0/16'] });
    expect(lookUp({ vpcTags, vpcIds: [old, web] }, context).vpcIds.toSorted()).toEqual([web, old].toSorted());
  });

  it('keeps the monitored networks of the settings when a VPC has several IPv4 networks', () => {
    const context = answers([vpc(web, '10.0.0.0/16', { CidrBlockAssociations: ['a', 'b'] })]);

    expect(lookUp({ allVpcs: true, monitoredNetworks: ['10.0.0.0/8'] }, context).monitoredNetworks).toEqual([
      '10.0.0.0/8',
    ]);
    expect(() => lookUp({ allVpcs: true }, context)).toThrow(
      `for a VPC with several, only the first can be looked up, as for ${web}`,
    );
  });

  it('fails with the way to repeat the lookup when no VPC has the tags', () => {
    expect(() => lookUp({ vpcTags: { logged: 'yes' } }, answers([vpc(web, '10.0.0.0/16')]))).toThrow(
      /none of the 1 VPCs of account 123456789012 in eu-central-1 has \{"logged":"yes"\}\n.*cdk context --clear/,
    );
    expect(() => lookUp({ allVpcs: true }, answers([]))).toThrow('has no VPC in eu-central-1');
  });

  it('fails when a subnet or network interface is in a logged VPC, but not in another VPC', () => {
    const [subnet, eni] = ['subnet-01234567', 'eni-01234567'];
    const wanted = {
      vpcTags: { logged: 'yes' },
      subnetIds: [subnet],
      networkInterfaceIds: [eni],
      monitoredNetworks: ['10.0.0.0/8'],
    };
    const vpcs = [vpc(web, '10.0.0.0/16', tags), vpc(old, '10.2.0.0/16')];
    const parts = (VpcId: string) => [subnet, eni].map((Identifier) => ({ Identifier, VpcId }));

    expect(lookUp(wanted, answers(vpcs, parts(old))).vpcIds).toEqual([web]);
    expect(() => lookUp(wanted, answers(vpcs, parts(web)))).toThrow(
      new RegExp(`${subnet} is in ${web}, which is logged completely: remove ${subnet}.*\n${eni} is in ${web}`),
    );
  });

  it('fails when a cached answer has another shape', () => {
    const [list] = Object.keys(answers([]));

    expect(() => lookUp({ allVpcs: true }, { [list!]: 'vpc-1' })).toThrow('got "vpc-1"; lookups are cached');
  });

  it('adds flow logs to the stack when VPCs are found', () => {
    const template = synthesize({ env, context: { allVpcs: true, ...answers([vpc(web, '10.0.0.0/16')]) } });

    template.hasResourceProperties('AWS::EC2::FlowLog', { ResourceType: 'VPC', ResourceId: web });
  });
});

describe('lookupEnvironment', () => {
  const variables = { CDK_DEFAULT_ACCOUNT: env.account, CDK_DEFAULT_REGION: env.region };

  it('returns an environment only when VPCs are looked up', () => {
    expect(lookupEnvironment(nothing, variables)).toEqual({});
    expect(lookupEnvironment({ ...nothing, allVpcs: true }, variables)).toEqual({ env });
    expect(lookupEnvironment({ ...nothing, vpcTags: { a: '' } }, variables)).toEqual({ env });
  });

  it('fails with the remedies when there are no credentials', () => {
    expect(() => lookupEnvironment({ ...nothing, allVpcs: true }, { CDK_DEFAULT_REGION: 'eu-central-1' })).toThrow(
      'name a profile with --profile, or name the VPCs in vpcIds',
    );
  });
});
