/** Returns a network interface as EC2's DescribeNetworkInterfaces has it, with one address. @param values replace members */
export function described(values: Readonly<Record<string, unknown>> = {}): object {
  return {
    NetworkInterfaceId: 'eni-0a',
    InterfaceType: 'interface',
    Description: '',
    RequesterManaged: false,
    OwnerId: '123456789012',
    VpcId: 'vpc-0a',
    SubnetId: 'subnet-0a',
    AvailabilityZone: 'eu-central-1a',
    PrivateIpAddress: '10.0.1.5',
    PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.5', Primary: true }],
    Ipv6Addresses: [],
    Groups: [{ GroupId: 'sg-0a', GroupName: 'web' }],
    TagSet: [],
    ...values,
  };
}
