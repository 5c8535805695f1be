/**
 * Replaces the SDK's default credential chain. In Lambda, credentials are in the environment or, with SnapStart, at a
 * container's endpoint (Lambda Developer Guide, "SnapStart": credentials), and never in profiles, single sign-on,
 * processes, web identities or EC2. The SDK's chain imports all of these, so esbuild would bundle unused code.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import { CredentialsProviderError } from '@smithy/core/config';

type Credentials = Awaited<ReturnType<ReturnType<typeof fromEnv>>>;

/** Credentials are renewed this long before they expire, as in the SDK's chain. */
const renewalMilliseconds = 300_000;

/**
 * Creates a provider that caches credentials until they expire. In the last five minutes it still returns them while it
 * renews them in the background; a failed renewal is ignored. Rejects with a CredentialsProviderError without credentials.
 */
export function defaultProvider(): () => Promise<Credentials> {
  let known: Credentials | undefined;
  let renewal: Promise<Credentials> | undefined;
  const renew = async () => {
    try {
      known = await load();
      return known;
    } finally {
      renewal = undefined;
    }
  };
  return async () => {
    const left = (known?.expiration?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now();
    if (known && left >= renewalMilliseconds) return known;
    renewal ??= renew();
    if (!known || left < 0) return renewal;
    renewal.catch(() => {});
    return known;
  };
}

async function load(): Promise<Credentials> {
  const { env } = process;
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) return fromEnv()();
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI) return fromHttp()();
  throw new CredentialsProviderError(
    'credentials are missing: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_CONTAINER_CREDENTIALS_FULL_URI, as Lambda sets them',
    { tryNextLink: false },
  );
}
