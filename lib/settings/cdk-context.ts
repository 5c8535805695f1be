import { createRequire } from 'node:module';

/** The names that the CDK command line writes into cdk.context.json without a prefix. */
const ownNames = ['acknowledged-issue-numbers', 'cli-telemetry', 'notices'];

/** Returns whether a context key belongs to CDK: a feature flag, an option of the command line, or a cached lookup. */
export function isCdkContext(key: string): boolean {
  if (/^(?:@aws-cdk|aws:|aws-cdk:|cdk:)/.test(key) || ownNames.includes(key)) return true;
  // A cached lookup has its parameters after the provider: `vpc-provider:account=...`.
  return Object.values(lookupProviders()).some((provider) => key === provider || key.startsWith(`${provider}:`));
}

/** Loads the names of CDK's lookups. Only synth has a context; commands that read the settings do not load 79 modules. */
function lookupProviders(): Readonly<Record<string, string>> {
  const schema = 'aws-cdk-lib/cloud-assembly-schema';
  const { ContextProvider } = createRequire(import.meta.url)(
    schema,
  ) as typeof import('aws-cdk-lib/cloud-assembly-schema');
  return ContextProvider;
}
