import type { CounterKey } from '../../counters/counter-key.ts';
import { maxKeyValueLength } from '../../counters/delta.ts';
import { endpointReader, loggingEndpoint } from '../../flow-log/endpoints.ts';
import { notAvailable } from '../../flow-log/fields.ts';
import { type Flow, fieldReader, flowOfValues } from '../../flow-log/flow.ts';
import { type Format, parseFormat } from '../../flow-log/format.ts';
import { serviceName } from '../../flow-log/service-names.ts';

/**
 * A sample is the text of a flow's fields of interest, with a blank between two values: the connection, and for a notable
 * delta also the place of its observation, and whether that place belongs to an endpoint of the flow.
 */
const connectionFields = [
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'tcp-flags',
  'flow-direction',
  'action',
] as const;
const placeFields = ['interface-id', 'instance-id', 'account-id', 'region', 'vpc-id', 'subnet-id'] as const;

/** The fields of a sample, in the order of its text. */
export const sampleFields: readonly string[] = [...connectionFields, ...placeFields];

/** The number of values of a sample that begins with addresses; the others are short. */
export const addressCount = 2;

/** The numbers of values in the text of a sample: without and with the place. */
export const sampleLengths: readonly [number, number] = [connectionFields.length, sampleFields.length + 1];

const sampleFormat = parseFormat(sampleFields.join(' ')) as Format;

/** The text of an address that the key has. */
export const ofKey = '=';

/** The last value of a sample whose place belongs to the logging endpoint of the flow, and to neither. */
const ofEndpoint = '1';
const elsewhere = '0';

const readers = sampleFields.map(endpointReader);
const readSourcePort = fieldReader('srcport');
const readProtocol = fieldReader('protocol');

/** Returns the text of a flow's sample. */
export function sampleOf(flow: Flow, { fields }: CounterKey, hasPlace: boolean): string {
  const count = hasPlace ? sampleFields.length : connectionFields.length;
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const value = sampleValue(flow, index, fields);
    text += index === 0 ? value : ` ${value}`;
  }
  return hasPlace ? `${text} ${loggingEndpoint(flow) === undefined ? elsewhere : ofEndpoint}` : text;
}

function sampleValue(flow: Flow, index: number, key: CounterKey['fields']): string {
  const name = sampleFields[index]!;
  if (name === 'srcport') return servicePortOf(flow);
  const value = readers[index]!(flow) ?? notAvailable;
  if (index < addressCount && key.get(name) === value) return ofKey;
  return value.slice(0, maxKeyValueLength);
}

/** Returns the source port if a service answers from it: other source ports are arbitrary, and each flow has another. */
function servicePortOf(flow: Flow): string {
  const port = readSourcePort(flow);
  return port !== undefined && serviceName(port, readProtocol(flow) ?? '') !== undefined ? port : notAvailable;
}

/** Returns the values of a sample by the index of their field; undefined if a value is not available. */
export function sampleValues(sample: string, { fields }: CounterKey): (string | undefined)[] {
  const values = sample.split(' ').slice(0, sampleFields.length);
  return values.map((value, index) => {
    if (index < addressCount && value === ofKey) return fields.get(sampleFields[index]!);
    return value === notAvailable ? undefined : value;
  });
}

/** Returns a flow with the values of a sample. A place that belongs to neither endpoint is left out. */
export function flowOfSample(sample: string, key: CounterKey): Flow {
  const known = sampleValues(sample, key);
  const isElsewhere = sample.endsWith(` ${elsewhere}`) && known.length > connectionFields.length;
  const values = sampleFields.map((_, index) => {
    return (isElsewhere && index >= connectionFields.length ? undefined : known[index]) ?? notAvailable;
  });
  return flowOfValues(sampleFormat, values);
}
