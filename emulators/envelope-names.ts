/** The envelopes of flow log lines in a sample event. The help of commands shows them, which must not load the encoder. */
export const envelopeNames = ['json', 'text', 'cloudwatch'] as const;

export type EnvelopeName = (typeof envelopeNames)[number];
