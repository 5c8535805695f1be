import { describe, expect, it } from 'vitest';
import { OperationsTopic } from '../../../lib/notifications/operations-topic.ts';
import { idOf, templateWith } from '../synthesis.ts';

const emails = ['operations@example.com', 'on-call@example.com'];
const template = templateWith((stack) => new OperationsTopic(stack, 'Topic', { emails }));
const topic = { Ref: idOf(template, 'AWS::SNS::Topic') };

describe('OperationsTopic', () => {
  it('accepts messages only when they use TLS and come from an alarm of the stack', () => {
    const [policy] = Object.values(template.findResources('AWS::SNS::TopicPolicy'));

    expect(policy?.Properties.PolicyDocument.Statement).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: topic,
        Condition: {
          ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', expect.arrayContaining([':alarm:Test-*'])] } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      },
    ]);
  });

  it('creates an e-mail subscription for each address when addresses are given', () => {
    template.resourceCountIs('AWS::SNS::Subscription', emails.length);
    for (const Endpoint of emails) {
      template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint, TopicArn: topic });
    }
  });
});
