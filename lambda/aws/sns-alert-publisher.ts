import { PublishBatchCommand, type PublishBatchRequestEntry, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../alert/alert.ts';
import type { AlertPublisher, Published } from '../alert/alert-publisher.ts';
import { messageOf } from '../common/errors.ts';

/** The most entries and bytes of one PublishBatch (SNS API Reference, "PublishBatch"); some bytes are left for names. */
const maxEntries = 10;
const maxBytes = 240 * 1024;

/** Entries that the topic did not take although the call went through are tried again this often. */
const maxAttempts = 3;

/**
 * Alerts to an SNS topic. A subscription by e-mail gets the text, one by SMS the subject, any other the JSON body
 * (SNS Developer Guide, "MessageStructure").
 */
export class SnsAlertPublisher implements AlertPublisher {
  readonly #client: SNSClient;
  readonly #topicArn: string;

  constructor(client: SNSClient, topicArn: string) {
    this.#client = client;
    this.#topicArn = topicArn;
  }

  async publish(alerts: readonly Alert[], signal: AbortSignal): Promise<Published> {
    const published = new Set<Alert>();
    const problems: string[] = [];
    for (const chunk of chunksOf(alerts.map((alert, index) => ({ alert, entry: entryOf(alert, index) })))) {
      let left = chunk;
      for (let tries = 0; tries < maxAttempts && left.length > 0; tries += 1) {
        const taken = await this.#publishChunk(left, problems, signal);
        if (!taken) break;
        for (const { alert, entry } of left) if (taken.has(entry.Id!)) published.add(alert);
        left = left.filter(({ entry }) => !taken.has(entry.Id!));
      }
    }
    return { published, problems };
  }

  /** The ids of the entries that the topic has taken; undefined when the call, which the client retries, failed. */
  async #publishChunk(
    chunk: readonly Addressed[],
    problems: string[],
    signal: AbortSignal,
  ): Promise<Set<string> | undefined> {
    const entries = chunk.map(({ entry }) => entry);
    const command = new PublishBatchCommand({ TopicArn: this.#topicArn, PublishBatchRequestEntries: entries });
    try {
      const { Successful = [], Failed = [] } = await this.#client.send(command, { abortSignal: signal });
      problems.push(...Failed.map(({ Code, Message }) => `${Code}: ${Message}`));
      return new Set(Successful.flatMap(({ Id }) => Id ?? []));
    } catch (error) {
      problems.push(messageOf(error));
      return undefined;
    }
  }
}

interface Addressed {
  readonly alert: Alert;
  readonly entry: PublishBatchRequestEntry;
}

function entryOf(alert: Alert, index: number): PublishBatchRequestEntry {
  const attributes = [...alert.attributes].map(([name, value]) => [name, { DataType: 'String', StringValue: value }]);
  return {
    Id: String(index),
    Subject: alert.subject,
    MessageStructure: 'json',
    Message: JSON.stringify({ default: alert.body, email: alert.text, sms: alert.subject }),
    MessageAttributes: Object.fromEntries(attributes),
  };
}

function chunksOf(entries: readonly Addressed[]): Addressed[][] {
  const chunks: Addressed[][] = [];
  let bytes = 0;
  for (const one of entries) {
    const size = Buffer.byteLength(one.entry.Message!) + Buffer.byteLength(JSON.stringify(one.entry.MessageAttributes));
    const last = chunks.at(-1);
    if (last && last.length < maxEntries && bytes + size <= maxBytes) {
      last.push(one);
      bytes += size;
    } else {
      chunks.push([one]);
      bytes = size;
    }
  }
  return chunks;
}
