import { describe, it } from 'vitest';
import { AlertTopic } from '../../../lib/notifications/alert-topic.ts';
import { idOf, templateWith } from '../synthesis.ts';

describe('AlertTopic', () => {
  it('rejects messages when the connection has no TLS', () => {
    const template = templateWith((stack) => new AlertTopic(stack, 'Topic', { emails: [] }));

    const topic = { Ref: idOf(template, 'AWS::SNS::Topic') };
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      Topics: [topic],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Resource: topic,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });

  it('creates an e-mail subscription for each address when addresses are given', () => {
    const emails = ['security@example.com', 'on-call@example.com'];

    const template = templateWith((stack) => new AlertTopic(stack, 'Topic', { emails }));

    template.resourceCountIs('AWS::SNS::Subscription', 2);
    for (const Endpoint of emails) {
      template.hasResourceProperties('AWS::SNS::Subscription', {
        Protocol: 'email',
        Endpoint,
        TopicArn: { Ref: idOf(template, 'AWS::SNS::Topic') },
      });
    }
  });
});
