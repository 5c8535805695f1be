/** Takes the place of the codec of event streams, which no operation of DynamoDB or SNS has. */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are not part of the bundle');
  }
}
