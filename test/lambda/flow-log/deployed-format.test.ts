import { describe, expect, it } from 'vitest';
import { pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import {
  logFields,
  logFormat,
  transitGatewayLogFields,
  transitGatewayLogFormat,
} from '../../../lambda/flow-log/deployed-format.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { defaultFormat, type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';

describe('deployed format of VPCs', () => {
  it('parses as a format of version 8', () => {
    expect(parseFormat(logFormat)).toMatchObject({ names: logFields, version: 8 });
  });

  it('has every field of the default format, version first and log-status last', () => {
    expect(logFields).toEqual(expect.arrayContaining(defaultFormat.split(' ')));
    expect([logFields[0], logFields.at(-1)]).toEqual(['version', 'log-status']);
  });

  it('has the direction and the packet addresses, which counting needs', () => {
    expect(logFields).toEqual(expect.arrayContaining(['flow-direction', 'pkt-srcaddr', 'pkt-dstaddr']));
  });
});

describe('deployed format of transit gateways', () => {
  it('has all published fields of version 6', () => {
    const gateways = [...fields].filter(([, { since }]) => since === 6).map(([name]) => name);

    expect(transitGatewayLogFields).toEqual(expect.arrayContaining(gateways));
    expect(parseFormat(transitGatewayLogFormat)).toMatchObject({ names: transitGatewayLogFields, version: 6 });
  });

  it('parses beside formats of VPCs, and adds to no pair, since there is no action', () => {
    const formats = [logFormat, transitGatewayLogFormat, defaultFormat].map((text) => parseFormat(text) as Format);
    const text =
      '6 TransitGateway 123456789012 tgw-0123456789abcdef0 tgw-attach-01 123456789012 123456789012 vpc-01 vpc-02 ' +
      'subnet-01 subnet-02 eni-01 eni-02 euc1-az1 euc1-az2 tgw-attach-02 10.0.0.4 10.1.0.4 40000 443 6 10 8400 ' +
      '1795500000 1795500060 OK IPv4 0 0 0 0 3 eu-central-1 egress - -';

    const line = parseLine(text, formats);

    expect(line).toMatchObject({ kind: 'flow', flow: { format: { version: 6 } } });
    expect(line.kind === 'flow' && pairContributionOf(line.flow, [])).toBeUndefined();
  });
});
