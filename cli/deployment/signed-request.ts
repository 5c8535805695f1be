import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { SNSClient } from '@aws-sdk/client-sns';
import { HttpRequest } from '@smithy/core/protocols';

/** A request to a service of which no client is here: two calls are not worth a dependency each. */
export interface ServiceRequest {
  /** As the endpoint and the signature name it, such as `lambda`. */
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends a request with the region, the credentials and the signature of a client.
 *
 * @param client one that is used for nothing else: it keeps the last name that it signed with
 * @param environment may name an endpoint, as it may for all clients: `AWS_ENDPOINT_URL_LAMBDA`, or `AWS_ENDPOINT_URL`
 */
export async function signedRequest(
  client: SNSClient,
  { service, method, path, query = {}, headers = {}, body = '' }: ServiceRequest,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ServiceAnswer> {
  const region = await client.config.region();
  const endpoint = new URL(
    environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ??
      environment.AWS_ENDPOINT_URL ??
      `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`,
  );
  const request = new HttpRequest({
    method,
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    ...(endpoint.port !== '' && { port: Number(endpoint.port) }),
    path,
    query: { ...query },
    headers: { host: endpoint.host, ...headers },
    body,
  });
  const scheme = { name: 'sigv4', signingName: service, signingRegion: region, properties: {} };
  const signed = await (await client.config.signer(scheme)).sign(request);
  const { response } = await client.config.requestHandler.handle(signed as HttpRequest);
  const text = (await buffer(response.body as Readable)).toString();
  return { status: response.statusCode, headers: response.headers, body: text };
}
