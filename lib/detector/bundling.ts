import { join } from 'node:path';

const aws = join(import.meta.dirname, '../../lambda/aws');

/**
 * What the SDK's clients import and the function never reaches, or has a shorter way to, by what is bundled in its place:
 * a quarter of the code that each cold start would load. As esbuild's `--alias` takes it. What is asked of a package
 * beyond its stand-in is an error of the bundling.
 */
export const stubAliases: readonly string[] = [
  `@aws-sdk/credential-provider-node=${join(aws, 'stubs/credential-chain.ts')}`,
  `@aws-sdk/middleware-endpoint-discovery=${join(aws, 'stubs/endpoint-discovery.ts')}`,
  `@smithy/core/checksum=${join(aws, 'sha256.ts')}`,
  `@smithy/core/event-streams=${join(aws, 'stubs/event-streams.ts')}`,
];
