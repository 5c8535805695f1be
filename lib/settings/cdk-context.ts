import { ContextProvider } from 'aws-cdk-lib/cloud-assembly-schema';

/** The names that the CDK command line writes into cdk.context.json without a prefix. */
const ownNames = ['acknowledged-issue-numbers', 'cli-telemetry', 'notices'];

/** Returns whether a context key belongs to CDK: a feature flag, an option of the command line, or a cached lookup. */
export function isCdkContext(key: string): boolean {
  if (/^(?:@aws-cdk|aws:|aws-cdk:|cdk:)/.test(key) || ownNames.includes(key)) return true;
  // A cached lookup has its parameters after the provider: `vpc-provider:account=...`.
  return Object.values(ContextProvider).some((provider) => key === provider || key.startsWith(`${provider}:`));
}
