import { join } from 'node:path';
import { Charset, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

const aws = join(import.meta.dirname, '../../lambda/aws');

/**
 * Packages that the SDK's clients import but the function never reaches, or for which it has a shorter replacement. Each
 * has the module that is bundled instead, in the form of esbuild's `--alias`. The stubs save a quarter of the code that a cold start loads. Bundling fails if a
 * client imports a name that its stub does not export.
 */
export const stubAliases: readonly string[] = [
  `@aws/lambda-invoke-store=${join(aws, 'stubs/invoke-store.ts')}`,
  `@aws-sdk/credential-provider-node=${join(aws, 'stubs/credential-chain.ts')}`,
  `@aws-sdk/middleware-endpoint-discovery=${join(aws, 'stubs/endpoint-discovery.ts')}`,
  `@smithy/core/checksum=${join(aws, 'sha256.ts')}`,
  `@smithy/core/event-streams=${join(aws, 'stubs/event-streams.ts')}`,
];

/**
 * esbuild's loaders by file extension. The SDK's clients import their package.json, of 4 KB, only for the version in the
 * user agent; lambda/aws/clients.ts sets the version.
 */
export const loaders: Readonly<Record<string, string>> = { '.json': 'empty' };

/** How the code of all functions is bundled. */
export const bundling = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  charset: Charset.UTF8,
  sourceMap: true,
  sourcesContent: false,
  logLevel: LogLevel.WARNING,
};
