/** The counter table as CreateTable takes it (lib/detector/counter-table.ts is the deployed one; a test holds them equal). */
export const counterTableSchema = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
};
