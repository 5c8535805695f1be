const logged = { vpcIds: 'vpc-0123456789abcdef0', monitoredNetworks: '10.0.0.0/16' };
const emails = { alertEmails: 'security@example.com', operationsEmails: 'operations@example.com' };

/** Settings whose stacks differ in their resources, as `-c` gives them. */
export const shapes: Record<string, Record<string, unknown>> = {
  default: {},
  'default with flow logs and e-mail': { ...logged, ...emails },
  'customer-managed key': { encryption: 'own', ...logged, ...emails },
  'JSON lake, retained forever': { lakeFormat: 'json', lakeColdAfterDays: '0', lakeExpireAfterDays: '0' },
  'JSON lake with a customer-managed key': { lakeFormat: 'json', encryption: 'own', ...logged },
  'lake by account': { lakePartition: 'account', ...logged },
  'provisioned capacity': { provisionedWrites: '{"min": 1000, "max": 6000}' },
  journal: { counting: 'journal', ...logged },
  names: { names: 'true', ...logged },
  context: { context: 'true', ...logged },
  'bounded cost': { maxWrites: '5000', monthlyBudgetUsd: '300' },
  'log groups only': { logGroups: '[{"name": "flow-logs"}]', tracing: 'true' },
  unprotected: { protect: false, encryption: 'own' },
  everything: {
    ...logged,
    ...emails,
    encryption: 'own',
    lakePartition: 'vpc',
    tracing: 'true',
    names: 'true',
    context: 'true',
    organizationId: 'o-a1b2c3d4e5',
    counting: 'journal',
    countLanes: '128',
    warmWrites: '8000',
    maxWrites: '20000',
    monthlyBudgetUsd: '2000',
    logGroups: '[{"name": "flow-logs"}]',
    senderAccountIds: '123456789012',
    tagFields:
      '{"instance": ["Name", "team"], "interface": ["Name"], "autoScalingGroup": ["aws:autoscaling:groupName"]}',
    geoTable: 's3://some-bucket/geo.bin',
    subnetIds: 'subnet-0123456789abcdef0',
    networkInterfaceIds: 'eni-0123456789abcdef0',
    transitGatewayIds: 'tgw-0123456789abcdef0',
  },
};
