import { describe, expect, it } from 'vitest';
import { changeEvents } from '../../../lambda/context/change-events.ts';
import { changeGroups, type NetworkChange } from '../../../lambda/context/context-event.ts';
import { readChange } from '../../../lambda/context/read-change.ts';
import { changeOf, eventTime, openedGroup } from '../../support/context-events.ts';

function read(record: unknown): NetworkChange {
  const result = readChange(record);
  if (!('change' in result)) throw new Error(JSON.stringify(result));
  return result.change;
}

const all = { from: 0, to: 65_535 };
const internet = { cidr: '0.0.0.0/0' };
const host = { addresses: [], groups: [] };

describe('readChange', () => {
  it('reads a rule of a security group', () => {
    expect(readChange(openedGroup('sg-0aa', 443))).toEqual({
      change: {
        kind: 'change',
        id: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
        account: '111122223333',
        region: 'eu-west-1',
        time: eventTime,
        event: 'AuthorizeSecurityGroupIngress',
        service: 'ec2.amazonaws.com',
        group: 'security group',
        who: 'deploy/run-7',
        from: '203.0.113.9',
        text: 'sg-0aa opened to 0.0.0.0/0 for tcp 443 (ingress)',
        openings: [{ direction: 'ingress', protocol: 6, from: 443, to: 443, peer: internet }],
        hosts: [],
        groups: ['sg-0aa'],
        acls: [],
        routeTables: [],
        subnets: [],
        vpcs: [],
      },
    });
  });

  it('reads the lists of a request when the answer has no rules', () => {
    const items = [
      {
        ipProtocol: '-1',
        fromPort: 0,
        toPort: 0,
        groups: { items: [{ groupId: 'sg-0bb', userId: '111122223333' }] },
        ipRanges: {},
        ipv6Ranges: { items: [{ cidrIpv6: '2001:db8::1/0' }] },
        prefixListIds: { items: [{ prefixListId: 'pl-0aa' }] },
      },
      { ipProtocol: 'udp', fromPort: 1000, toPort: 2000, ipRanges: { items: { cidrIp: '198.51.100.77/24' } } },
    ];
    const record = changeOf(
      'AuthorizeSecurityGroupEgress',
      { groupId: 'sg-0aa', ipPermissions: { items } },
      { _return: true },
    );
    expect(read(record)).toMatchObject({
      text: 'sg-0aa opened to ::/0 for all traffic, 198.51.100.0/24 for udp 1000 to 2000, pl-0aa for all traffic and 1 more (egress)',
      groups: ['sg-0aa'],
      openings: [
        { direction: 'egress', ...all, peer: { cidr: '::/0' } },
        { direction: 'egress', ...all, peer: { prefixList: 'pl-0aa' } },
        { direction: 'egress', ...all, peer: { group: 'sg-0bb' } },
        { direction: 'egress', protocol: 17, from: 1000, to: 2000, peer: { cidr: '198.51.100.0/24' } },
      ],
    });
  });

  it('reads the old form of a request, with one network', () => {
    const flat = {
      groupId: 'sg-0aa',
      cidrIp: '198.51.100.254/0',
      fromPort: 22,
      toPort: 22,
      ipProtocol: 'tcp',
      ipPermissions: {},
    };
    expect(read(changeOf('AuthorizeSecurityGroupIngress', flat, { _return: true }))).toMatchObject({
      openings: [{ direction: 'ingress', protocol: 6, from: 22, to: 22, peer: internet }],
    });
    const closed = read(changeOf('RevokeSecurityGroupIngress', flat, { _return: true }));
    expect([closed.text, closed.openings]).toEqual(['sg-0aa closed to 0.0.0.0/0 for tcp 22 (ingress)', []]);
  });

  it('reads the kinds of rules of an answer', () => {
    const rule = { groupId: 'sg-0aa', isEgress: true, fromPort: -1, toPort: -1 };
    const items = [
      { ...rule, ipProtocol: '-1', referencedGroupId: 'sg-0bb' },
      { ...rule, ipProtocol: 'icmp', fromPort: 8, cidrIpv4: '10.0.0.0/8' },
      { ...rule, ipProtocol: '50', prefixListId: 'pl-0aa' },
      { ...rule, ipProtocol: 'tcp', fromPort: 9, toPort: 8, cidrIpv4: '10.0.0.0/8' },
      { ...rule, ipProtocol: 'tcp', cidrIpv4: '10.0.0.0/33' },
      { ...rule, ipProtocol: 'carrier pigeon', cidrIpv4: '10.0.0.0/8' },
      { ...rule, ipProtocol: '-1' },
      null,
    ];
    const { openings, groups, text } = read(
      changeOf('AuthorizeSecurityGroupIngress', { groupId: 'sg-0aa' }, { securityGroupRuleSet: { items } }),
    );
    expect(openings).toEqual([
      { direction: 'egress', ...all, peer: { group: 'sg-0bb' } },
      { direction: 'egress', protocol: 1, ...all, peer: { cidr: '10.0.0.0/8' } },
      { direction: 'egress', protocol: 50, ...all, peer: { prefixList: 'pl-0aa' } },
    ]);
    expect(groups).toEqual(['sg-0aa']);
    expect(text).toContain('10.0.0.0/8 for icmp, pl-0aa for esp and sg-0bb for all traffic');
  });

  it('says which rules a call removes by their ids', () => {
    const request = { groupId: 'sg-0aa', securityGroupRuleIds: { items: ['sgr-0aa', { content: 'sgr-0bb', tag: 2 }] } };
    expect(read(changeOf('RevokeSecurityGroupEgress', request)).text).toBe(
      'sg-0aa closed: rules sgr-0aa and sgr-0bb (egress)',
    );
  });

  it.each([
    ['an object', (rule: unknown) => rule],
    ['a list', (rule: unknown) => [rule]],
  ])('reads changed rules as %s in both directions', (_, wrap) => {
    const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '0.0.0.0/0', Description: 'ssh' };
    const request = {
      ModifySecurityGroupRulesRequest: {
        GroupId: 'sg-0aa',
        SecurityGroupRule: wrap({ SecurityGroupRuleId: 'sgr-0aa', tag: 1, SecurityGroupRule: rule }),
      },
    };
    const opening = { protocol: 6, from: 22, to: 22, peer: internet, isDirectionUnknown: true };
    expect(read(changeOf('ModifySecurityGroupRules', request))).toMatchObject({
      text: 'rule sgr-0aa of sg-0aa set to 0.0.0.0/0 for tcp 22',
      openings: [
        { direction: 'ingress', ...opening },
        { direction: 'egress', ...opening },
      ],
      groups: ['sg-0aa'],
    });
  });

  const entry = { networkAclId: 'acl-0aa', ruleNumber: 100, egress: false, ruleAction: 'allow', aclProtocol: '6' };
  it.each([
    [
      { ...entry, cidrBlock: '0.0.0.0/0', portRange: { from: 443, to: 443 }, icmpTypeCode: {} },
      'acl-0aa: entry 100 allows 0.0.0.0/0 for tcp 443 (ingress)',
      [{ direction: 'ingress', protocol: 6, from: 443, to: 443, peer: internet }],
    ],
    [
      { ...entry, egress: true, aclProtocol: '-1', ipv6CidrBlock: '::/0', portRange: {} },
      'acl-0aa: entry 100 allows ::/0 for all traffic (egress)',
      [{ direction: 'egress', ...all, peer: { cidr: '::/0' } }],
    ],
    [
      { ...entry, ruleAction: 'deny', aclProtocol: '17', cidrBlock: '10.0.0.0/8', portRange: {} },
      'acl-0aa: entry 100 denies 10.0.0.0/8 for all udp (ingress)',
      [],
    ],
    [{ ...entry, cidrBlock: 'everywhere' }, 'acl-0aa: entry 100 allows traffic of unknown form (ingress)', []],
  ])('reads the entry %j of a network ACL', (request, text, openings) => {
    for (const event of ['CreateNetworkAclEntry', 'ReplaceNetworkAclEntry']) {
      const change = read(changeOf(event, request, { _return: true }));
      expect([change.text, change.openings, change.acls]).toEqual([text, openings, ['acl-0aa']]);
    }
  });

  const rds = { networkInterfaceId: 'eni-0aa', subnetId: 'subnet-0aa', vpcId: 'vpc-0aa' };
  const described = {
    ...rds,
    privateIpAddress: '10.0.1.5',
    groupSet: { items: [{ groupId: 'sg-0aa' }] },
    privateIpAddressesSet: {
      item: [{ privateIpAddress: '10.0.1.5', primary: true }, { privateIpAddress: '10.0.1.6' }],
    },
    ipv6AddressesSet: { item: { ipv6Address: '2001:DB8::5' } },
    tagSet: {},
  };
  const known = {
    interface: 'eni-0aa',
    subnet: 'subnet-0aa',
    vpc: 'vpc-0aa',
    addresses: ['10.0.1.5', '10.0.1.6', '2001:db8::5'],
    groups: ['sg-0aa'],
  };

  it('reads launched instances with their interfaces', () => {
    const instancesSet = {
      items: [
        {
          instanceId: 'i-0aa',
          privateIpAddress: '10.0.1.5',
          subnetId: 'subnet-0aa',
          tagSet: { items: [{ key: 'Name', value: 'web' }] },
          networkInterfaceSet: { items: [described] },
        },
        { instanceId: 'i-0bb', privateIpAddress: '10.0.1.9', subnetId: 'subnet-0aa', networkInterfaceSet: {} },
      ],
    };
    const change = read(changeOf('RunInstances', { instancesSet: { items: [{ minCount: 1 }] } }, { instancesSet }));
    expect(change).toMatchObject({
      group: 'host',
      text: 'i-0aa and i-0bb launched in subnet-0aa',
      groups: [],
      subnets: [],
      hosts: [
        { instance: 'i-0aa', name: 'web', ...known },
        { instance: 'i-0bb', subnet: 'subnet-0aa', addresses: ['10.0.1.9'], groups: [] },
      ],
    });
  });

  it('reads a new network interface', () => {
    const change = read(
      changeOf('CreateNetworkInterface', { subnetId: 'subnet-0aa' }, { networkInterface: described }),
    );
    expect([change.text, change.hosts]).toEqual(['network interface eni-0aa created in subnet-0aa', [known]]);
  });

  const both = { networkInterfaceId: 'eni-0aa', instanceId: 'i-0aa' };
  const added = {
    assignedPrivateIpAddressesSet: { assignedPrivateIpAddressSetType: [{ privateIpAddress: '10.0.1.7' }] },
  };
  it.each([
    [
      'StopInstances',
      { instancesSet: { items: [{ instanceId: 'i-0aa' }] } },
      null,
      'i-0aa stopped',
      { instance: 'i-0aa' },
    ],
    [
      'AttachNetworkInterface',
      both,
      null,
      'network interface eni-0aa attached to i-0aa',
      { instance: 'i-0aa', interface: 'eni-0aa' },
    ],
    [
      'AssociateAddress',
      { allocationId: 'eipalloc-0a', instanceId: 'i-0aa' },
      null,
      'public address eipalloc-0a given to i-0aa',
      { instance: 'i-0aa' },
    ],
    [
      'ModifyInstanceAttribute',
      { instanceId: 'i-0aa', groupSet: { items: [{ groupId: 'sg-0aa' }] } },
      null,
      'security groups of i-0aa set to sg-0aa',
      { instance: 'i-0aa', groups: ['sg-0aa'] },
    ],
    [
      'ModifyInstanceAttribute',
      { instanceId: 'i-0aa', sourceDestCheck: { value: false } },
      null,
      'source/destination check of i-0aa switched off',
      { instance: 'i-0aa' },
    ],
    [
      'ModifyInstanceAttribute',
      { instanceId: 'i-0aa', attribute: 'userData', value: '<hidden>' },
      null,
      'user data of i-0aa changed',
      { instance: 'i-0aa' },
    ],
    [
      'ModifyInstanceAttribute',
      { instanceId: 'i-0aa', ebsOptimized: true },
      null,
      'attribute of i-0aa changed',
      { instance: 'i-0aa' },
    ],
    [
      'ModifyNetworkInterfaceAttribute',
      { networkInterfaceId: 'eni-0aa', sourceDestCheck: { value: true } },
      null,
      'source/destination check of eni-0aa switched on',
      { interface: 'eni-0aa' },
    ],
    [
      'AssignPrivateIpAddresses',
      { networkInterfaceId: 'eni-0aa', secondaryPrivateIpAddressCount: 1 },
      added,
      'private addresses given to eni-0aa: 10.0.1.7',
      { interface: 'eni-0aa', addresses: ['10.0.1.7'] },
    ],
    [
      'UnassignPrivateIpAddresses',
      { networkInterfaceId: 'eni-0aa', privateIpAddressesSet: { item: [{ privateIpAddress: '10.0.1.7' }] } },
      null,
      'private addresses taken from eni-0aa: 10.0.1.7',
      { interface: 'eni-0aa' },
    ],
    [
      'AssociateIamInstanceProfile',
      { AssociateIamInstanceProfileRequest: { InstanceId: 'i-0aa', IamInstanceProfile: { Name: 'admin' } } },
      null,
      'instance profile of i-0aa set to admin',
      { instance: 'i-0aa' },
    ],
    [
      'DeleteNetworkInterface',
      { networkInterfaceId: 'eni-0aa' },
      null,
      'network interface eni-0aa deleted',
      { interface: 'eni-0aa' },
    ],
  ])('reads the host of %s', (event, request, response, text, expected) => {
    const change = read(changeOf(event, request, response));
    expect([change.text, change.hosts]).toEqual([text, [{ ...host, ...expected }]]);
  });

  it.each([
    [
      'CreateRoute',
      { routeTableId: 'rtb-0aa', destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-0aa' },
      null,
      'route of rtb-0aa to 0.0.0.0/0 by nat-0aa',
    ],
    [
      'ReplaceRoute',
      { routeTableId: 'rtb-0aa', destinationIpv6CidrBlock: '::/0', gatewayId: 'igw-0aa' },
      null,
      'route of rtb-0aa to ::/0 changed, now by igw-0aa',
    ],
    [
      'DeleteRoute',
      { routeTableId: 'rtb-0aa', destinationPrefixListId: 'pl-0aa' },
      null,
      'route of rtb-0aa to pl-0aa deleted',
    ],
    [
      'CreateNatGateway',
      { CreateNatGatewayRequest: { SubnetId: 'subnet-0aa' } },
      { CreateNatGatewayResponse: { natGateway: { natGatewayId: 'nat-0aa' } } },
      'NAT gateway nat-0aa created in subnet-0aa',
    ],
    [
      'CreateVpcEndpoint',
      { CreateVpcEndpointRequest: { VpcId: 'vpc-0aa', SubnetId: { tag: 1, content: 'subnet-0aa' } } },
      null,
      'VPC endpoint (not named) created in vpc-0aa',
    ],
    [
      'AcceptVpcPeeringConnection',
      { vpcPeeringConnectionId: 'pcx-0aa' },
      { vpcPeeringConnection: { requesterVpcInfo: { vpcId: 'vpc-0aa' }, accepterVpcInfo: { vpcId: 'vpc-0bb' } } },
      'VPC peering pcx-0aa accepted for vpc-0aa and vpc-0bb',
    ],
    [
      'ModifyVpcBlockPublicAccessOptions',
      { ModifyVpcBlockPublicAccessOptionsRequest: { InternetGatewayBlockMode: 'off' } },
      null,
      'Block Public Access of the Region set to off',
    ],
    [
      'DeleteFlowLogs',
      { DeleteFlowLogsRequest: { FlowLogId: { tag: 1, content: 'fl-0aa' } } },
      null,
      'flow log fl-0aa deleted',
    ],
    [
      'DeleteFlowLogs',
      { DeleteFlowLogsRequest: { FlowLogId: ['a', 'b', 'c', 'd', 'e'].map((content) => ({ content })) } },
      null,
      'flow log a, b, c and 2 more deleted',
    ],
    [
      'CreateFlowLogs',
      { CreateFlowLogsRequest: { ResourceId: { content: 'vpc-0aa' } } },
      { CreateFlowLogsResponse: { unsuccessful: '', flowLogIdSet: { item: 'fl-0aa' } } },
      'flow log fl-0aa created for vpc-0aa',
    ],
    [
      'EnableSerialConsoleAccess',
      { EnableSerialConsoleAccessRequest: '' },
      null,
      'serial console of EC2 enabled in the Region',
    ],
  ])('says in words what %s did', (event, request, response, text) => {
    expect(read(changeOf(event, request, response)).text).toBe(text);
  });

  it.each([
    ['ssm', 'StartSession', { target: 'i-0aa' }, 'session started on i-0aa'],
    [
      'ssm',
      'SendCommand',
      { documentName: 'AWS-RunShellScript', instanceIds: ['i-0aa'] },
      'command AWS-RunShellScript sent to i-0aa',
    ],
    [
      'ssm',
      'SendCommand',
      { documentName: 'AWS-RunShellScript', targets: [{ key: 'tag:team', values: ['pay'] }] },
      'command AWS-RunShellScript sent to instances by tag:team',
    ],
    [
      'ec2-instance-connect',
      'SendSSHPublicKey',
      { instanceId: 'i-0aa', instanceOSUser: 'ec2-user' },
      'SSH key sent to i-0aa for ec2-user',
    ],
    ['guardduty', 'UpdateDetector', { detectorId: '0a', enable: false }, 'GuardDuty detector 0a switched off'],
    [
      'guardduty',
      'CreateFilter',
      { detectorId: '0a', name: 'quiet', action: 'ARCHIVE' },
      'GuardDuty filter quiet created with the action ARCHIVE',
    ],
    ['cloudtrail', 'StopLogging', { name: 'main' }, 'trail main stopped'],
    [
      'config',
      'StopConfigurationRecorder',
      { configurationRecorderName: 'default' },
      'configuration recorder default stopped',
    ],
  ])('says in words what %s did by %s of %j', (service, event, request, text) => {
    expect(read(changeOf(event, request, null, { eventSource: `${service}.amazonaws.com` })).text).toBe(text);
  });

  it('names the further resources of a change', () => {
    const request = { CreateFlowLogsRequest: { ResourceId: [{ content: 'subnet-0aa' }, { content: 'eni-0aa' }] } };
    expect(read(changeOf('CreateFlowLogs', request))).toMatchObject({
      subnets: ['subnet-0aa'],
      hosts: [{ interface: 'eni-0aa' }],
    });
    const associated = { routeTableId: 'rtb-0aa', subnetId: 'subnet-0aa' };
    expect(read(changeOf('AssociateRouteTable', associated))).toMatchObject({
      routeTables: ['rtb-0aa'],
      subnets: ['subnet-0aa'],
    });
  });

  it.each([
    [{ type: 'IAMUser', userName: 'ops' }, 'ops', undefined],
    [{ type: 'Root' }, 'root', undefined],
    [{ type: 'Root', invokedBy: 'autoscaling.amazonaws.com' }, 'root', 'autoscaling.amazonaws.com'],
    [{ type: 'AWSService', invokedBy: 'rds.amazonaws.com' }, 'rds.amazonaws.com', undefined],
    [{ type: 'AWSAccount', accountId: '444455556666' }, 'account 444455556666', undefined],
    [{ type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/deploy/run-7' }, 'run-7', undefined],
    [null, 'unknown', undefined],
  ])('says who called by %j', (userIdentity, who, via) => {
    const change = read({ ...changeOf('DeleteFlowLogs', {}), userIdentity });
    expect([change.who, change.via]).toEqual([who, via]);
  });

  it.each([
    [{ eventSource: 'apigateway.amazonaws.com' }, 'not a network change'],
    [{ eventName: 'CreateTags' }, 'not a network change'],
    [{ eventName: 'constructor' }, 'not a network change'],
    [{ eventSource: '__proto__' }, 'not a network change'],
    [{ errorCode: 'Client.UnauthorizedOperation' }, 'failed'],
    [{ readOnly: true }, 'read only'],
  ])('ignores a record with %j', (values, ignored) => {
    expect(readChange(changeOf('CreateRoute', {}, null, values))).toEqual({ ignored });
  });

  it('ignores a call for flow logs when all of it failed', () => {
    const request = { DeleteFlowLogsRequest: { FlowLogId: [{ content: 'fl-0aa' }, { content: 'fl-0bb' }] } };
    const failed = { resourceId: 'fl-0aa', error: { code: 'InvalidFlowLogId.NotFound' } };
    const response = (item: unknown) => ({ DeleteFlowLogsResponse: { unsuccessful: { item } } });
    expect(readChange(changeOf('DeleteFlowLogs', request, response([failed, failed])))).toEqual({ ignored: 'failed' });
    expect(readChange(changeOf('DeleteFlowLogs', request, response(failed)))).toHaveProperty('change');
  });

  it.each([
    [{ eventName: 7 }, 'the record has no eventSource or no eventName'],
    [{ eventID: 'a b' }, 'the record has no valid eventID'],
    [{ recipientAccountId: undefined, userIdentity: null }, 'the record has no valid recipientAccountId'],
    [{ awsRegion: {} }, 'the record has no valid awsRegion'],
    [{ eventTime: 'now' }, 'the record has no valid eventTime'],
  ])('says what is wrong with %j', (values, problem) => {
    expect(readChange(changeOf('CreateRoute', {}, null, values))).toEqual({ problem });
  });

  it('cleans and bounds texts of a record', () => {
    const long = `{target}[x]\r\n\u001b]8;;http://203.0.113.9\u0007${'x'.repeat(10_000)}`;
    const record = changeOf('StopLogging', { name: long }, null, {
      eventSource: 'cloudtrail.amazonaws.com',
      sourceIPAddress: long,
      userIdentity: { type: 'IAMUser', userName: long, invokedBy: long },
    });
    const { text, who, via, from } = read(record);
    expect(text).toMatch(/^trail \{target\}\[x\] \?\]8;;http:\/\/203\.0\.113\.9\?x+\.\.\. stopped$/);
    for (const one of [text, who, via!, from!]) {
      expect(one.length).toBeLessThanOrEqual(300);
      expect(one).not.toMatch(/\p{C}/u);
    }
  });

  it('bounds the lists of a record', () => {
    const many = Array.from({ length: 2000 }, (_, index) => index);
    const items = many.map((port) => ({ ipProtocol: 'tcp', fromPort: port, toPort: port, cidrIpv4: '10.0.0.0/8' }));
    const groupId = many.map((index) => `sg-${index}`);
    const change = read(changeOf('AuthorizeSecurityGroupIngress', { groupId }, { securityGroupRuleSet: { items } }));
    expect([change.openings.length, change.groups.length]).toEqual([200, 50]);
    const instances = { instancesSet: { items: many.map((index) => ({ instanceId: `i-${index}` })) } };
    expect(read(changeOf('RunInstances', {}, instances)).hosts.length).toBe(200);
  });
});

describe('changeEvents', () => {
  it('has a meaning with a text for each event', () => {
    for (const [eventSource, events] of Object.entries(changeEvents)) {
      for (const event of events) {
        const { text, group } = read(changeOf(event, null, null, { eventSource }));
        expect(text).toMatch(/^[A-Z(a-z]/);
        expect(changeGroups).toContain(group);
      }
    }
  });

  it('names the events of each service', () => {
    expect(changeEvents['ec2.amazonaws.com']).toContain('DeleteFlowLogs');
    expect(changeEvents['ssm.amazonaws.com']).toEqual(['StartSession', 'SendCommand']);
  });
});
