import { PublishBatchCommand, type PublishBatchRequestEntry, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../alert/alert.ts';
import type { AlertPublisher, Published } from '../alert/alert-publisher.ts';
import { messageOf } from '../common/errors.ts';

/** The maximum entries and bytes of one PublishBatch (SNS API Reference, "PublishBatch"), less some bytes for names. */
const maxEntries = 10;
const maxBytes = 240 * 1024;

/** Maximum number of calls for entries that a successful call reports as failed. */
const maxAttempts = 3;

/**
 * Publishes alerts to an SNS topic. An e-mail subscription gets the text, an SMS subscription the subject, and any other
 * the JSON body (SNS Developer Guide, "MessageStructure").
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
      let pending = chunk;
      for (let attempt = 0; attempt < maxAttempts && pending.length > 0; attempt += 1) {
        const accepted = await this.#publishChunk(pending, problems, signal);
        if (!accepted) break;
        for (const { alert, entry } of pending) if (accepted.has(entry.Id!)) published.add(alert);
        pending = pending.filter(({ entry }) => !accepted.has(entry.Id!));
      }
    }
    return { published, problems };
  }

  /** Sends one call, which the client retries. Returns the ids of the accepted entries, or undefined if the call failed. */
  async #publishChunk(
    chunk: readonly AlertEntry[],
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

/** An alert and its entry in a call. */
interface AlertEntry {
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

function chunksOf(entries: readonly AlertEntry[]): AlertEntry[][] {
  const chunks: AlertEntry[][] = [];
  let bytes = 0;
  for (const alertEntry of entries) {
    const { Message, MessageAttributes } = alertEntry.entry;
    const size = Buffer.byteLength(Message!) + Buffer.byteLength(JSON.stringify(MessageAttributes));
    const last = chunks.at(-1);
    if (last && last.length < maxEntries && bytes + size <= maxBytes) {
      last.push(alertEntry);
      bytes += size;
    } else {
      chunks.push([alertEntry]);
      bytes = size;
    }
  }
  return chunks;
}
