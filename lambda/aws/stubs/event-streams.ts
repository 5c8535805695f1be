/** Replaces the codec of event streams, which no operation of DynamoDB or SNS uses. */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are not part of the bundle');
  }
}
