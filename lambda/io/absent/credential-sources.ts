/**
 * Takes the place of what credentials could come from and in Lambda never do: profiles, single sign-on, processes, web
 * identities and EC2. The SDK's own chain asks the environment first and a container's endpoint after it, which are what
 * Lambda gives without and with SnapStart (Lambda Developer Guide, "SnapStart": credentials), and both stay.
 */
import { CredentialsProviderError } from '@smithy/core/config';

/** The names that the SDK's chain asks this package for. */
export const ENV_CMDS_FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
export const ENV_CMDS_RELATIVE_URI = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';

function absent(): () => Promise<never> {
  return async () => {
    throw new CredentialsProviderError('not part of the bundle');
  };
}

/** The end of the chain: nothing has answered before. */
function last(): () => Promise<never> {
  return async () => {
    throw new CredentialsProviderError(
      `no credentials: the function takes those of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or of ${ENV_CMDS_FULL_URI}, as Lambda sets them`,
      { tryNextLink: false },
    );
  };
}

export {
  absent as fromIni,
  absent as fromProcess,
  absent as fromSSO,
  absent as fromTokenFile,
  last as fromContainerMetadata,
  last as fromInstanceMetadata,
};
