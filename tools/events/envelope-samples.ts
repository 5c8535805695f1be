import { gzipSync } from 'node:zlib';
import { defaultFormat } from '../../lambda/flow-log/format.ts';
import { hourStart } from './quiet-hour.ts';

const at = (seconds: number) => `${hourStart - 3600 + seconds} ${hourStart - 3600 + seconds + 50}`;
const head = '2 123456789012 eni-0a1b2c3d4e5f60718';

const accepted = `${head} 10.0.1.10 198.18.4.4 443 50123 6 10 8400 ${at(0)} ACCEPT OK`;
const rejected = `${head} 198.18.9.9 10.0.1.10 51000 23 6 1 40 ${at(20)} REJECT OK`;
const overIpv6 = `${head} 2001:DB8:0:0::10 2001:db8::20 51000 443 6 9 7300 ${at(25)} ACCEPT OK`;
const noData = `${head} - - - - - - - ${at(60)} - NODATA`;
const skipData = `${head} - - - - - - - ${at(120)} - SKIPDATA`;
const tooShort = `${head} 10.0.1.10 198.18.4.4 443 50123 6 10 8400 ${at(0)} ACCEPT`;
const noAddress = `${head} 10.0.1.256 198.18.4.4 443 50123 6 10 8400 ${at(0)} ACCEPT OK`;

const message = (line: unknown) => JSON.stringify({ message: line });

const logsBatch = (messageType: string, messages: readonly string[]) =>
  JSON.stringify({
    messageType,
    owner: '123456789012',
    logGroup: 'vpc-flow-logs',
    logStream: 'eni-0a1b2c3d4e5f60718-all',
    subscriptionFilters: ['flow-sentinel'],
    logEvents: messages.map((text, n) => ({ id: `3${n}`.padEnd(56, '0'), timestamp: hourStart * 1000, message: text })),
  });

const control = logsBatch('CONTROL_MESSAGE', ['CWL CONTROL MESSAGE: Checking health of destination Firehose.']);

/** The payloads of one sample event per envelope: typical, unusual and unreadable ones. */
export const envelopeSamples: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  'message-json': [
    message(accepted),
    `${message(rejected)}\n`,
    message(overIpv6),
    message(noData),
    message(skipData),
    message(defaultFormat),
    message(`${accepted}\n${rejected}\n`),
    `${message(accepted)}\n${message(tooShort)}\n`,
    message(tooShort),
    message(noAddress),
    message(42),
    '{"message": "cut o',
    '',
  ],
  text: [
    accepted,
    `${rejected}\n`,
    `${accepted}\r\n${overIpv6}\r\n`,
    `${defaultFormat}\n${accepted}\n`,
    `${accepted}  `,
    'Hello World',
  ],
  'cloudwatch-gzip': [
    gzipSync(logsBatch('DATA_MESSAGE', [accepted, rejected, overIpv6, noData])),
    gzipSync(control),
    gzipSync(logsBatch('DATA_MESSAGE', [accepted, tooShort, noAddress])),
    gzipSync(logsBatch('DATA_MESSAGE', [accepted])).subarray(0, 120),
    gzipSync(accepted),
  ],
  'cloudwatch-json': [logsBatch('DATA_MESSAGE', [accepted, rejected]), control, logsBatch('DATA_MESSAGE', [tooShort])],
};
