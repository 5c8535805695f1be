/**
 * Takes the place of the SDK's chain of what credentials could come from. In Lambda they are in the environment or, with
 * SnapStart, at a container's endpoint (Lambda Developer Guide, "SnapStart": credentials), and never in profiles, single
 * sign-on, processes, web identities or EC2. The chain would import each of them when its turn comes, for which esbuild
 * keeps more of the SDK than is used.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import { CredentialsProviderError } from '@smithy/core/config';

type Credentials = Awaited<ReturnType<ReturnType<typeof fromEnv>>>;

/** As in the SDK's chain: others are asked for so long before those that are there expire. */
const renewalMilliseconds = 300_000;

/**
 * Remembers credentials until they expire; in their last minutes it answers them still while others are on their way, of
 * which a failure does no harm. Rejects with a CredentialsProviderError where there are none.
 */
export function defaultProvider(): () => Promise<Credentials> {
  let known: Credentials | undefined;
  let renewal: Promise<Credentials> | undefined;
  const renew = async () => {
    try {
      known = await ask();
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

async function ask(): Promise<Credentials> {
  const { env } = process;
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) return fromEnv()();
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI) return fromHttp()();
  throw new CredentialsProviderError(
    'no credentials: the function takes those of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or of AWS_CONTAINER_CREDENTIALS_FULL_URI, as Lambda sets them',
    { tryNextLink: false },
  );
}
