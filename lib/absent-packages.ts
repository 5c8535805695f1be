import { join } from 'node:path';

const absent = (name: string) => join(import.meta.dirname, '../lambda/io/absent', `${name}.ts`);

/**
 * What the SDK's clients import and the function never reaches, by what is bundled in its place: a quarter of the code
 * that each cold start would load. As esbuild's `--alias` takes it.
 */
export const absentPackages: readonly string[] = [
  ...[
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ].map((name) => `${name}=${absent('credential-sources')}`),
  `@aws-sdk/middleware-endpoint-discovery=${absent('endpoint-discovery')}`,
  `@smithy/core/event-streams=${absent('event-streams')}`,
];
