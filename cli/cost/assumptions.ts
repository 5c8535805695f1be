/** Values that are neither measured nor priced; docs/operate/cost.md gives the reason of each. */
export const assumed = {
  /** The share of a day's pairs that no earlier day had. */
  newPairs: 0.3,
  /** The function has 1,024 MB, and 1,769 MB are one processor (Lambda Developer Guide, "Memory"). */
  processorShare: 1024 / 1769,
  memoryGigabytes: 1,
  /** The latency of an update in DynamoDB, and how many updates a function has in flight. */
  writeMilliseconds: 5,
  writesAtOnce: 64,
  /**
   * Bytes of Parquet with Snappy for each byte of compressed JSON, and the share of its bytes in the columns that the hunt
   * `host` reads: the labelled days, written by DuckDB.
   */
  parquetShare: 0.74,
  hostColumnShare: 0.77,
  /**
   * The bytes that a tag field adds to a line: the value and a blank. Names of machines and teams have 5 to 20 characters.
   * In JSON, the field's name and the quotes follow.
   */
  tagFieldBytes: 12,
  tagMemberBytes: 19,
  /**
   * Names of addresses that an alert reads, asks for and gets: the interface and two addresses, none of them known before.
   * An entry has up to 4 KB; typical ones have less than 1 KB, and cost a quarter.
   */
  namesPerAlert: 3,
  nameReadUnits: 0.5,
  nameRequestUnits: 1,
  nameEntryUnits: 4,
  /** The duration and the memory of a look-up: three calls of EC2, and the start of a process. */
  lookUpSeconds: 2,
  lookUpGigabytes: 0.5,
  /** The further resources with names that a customer-managed key encrypts: a table and a log group. */
  nameKeyUsers: 2,
  /**
   * Findings and network changes of a day, and the units of one: it is stored by about five entities. A finding also
   * has one item with its state, which is read before.
   */
  contextEventsPerDay: 1000,
  contextEventWriteUnits: 6,
  contextEventReadUnits: 1,
  /** The duration and the memory of the function for an event, with a call of EC2. */
  contextEventSeconds: 0.5,
  contextGigabytes: 0.5,
  /** An alert reads up to 16 entities, and is stored in an item of up to 8 KB and by up to 15 entities. */
  contextAlertReadUnits: 8,
  contextAlertWriteUnits: 23,
  /** Alarms of context, and its metrics that are published all the time. */
  contextAlarms: 5,
  contextMetrics: 3,
  /** The further resources with context that a customer-managed key encrypts: a table and a log group. */
  contextKeyUsers: 2,
  /** Lines in a record of a subscription. */
  subscriptionLines: 500,
  /** The seconds, or the mebibytes of output of the function, after which Firehose writes an object. */
  objectSeconds: 300,
  objectMebibytes: 128,
  /** Metrics that the function writes for each batch, and for most batches: duplicate observations, suppressed alerts. */
  metrics: 5,
  frequentMetrics: 2,
  /** Metrics of an alert: that of its rule, the number of alerts, and one of deferred or waiting alerts. */
  alertMetrics: 3,
  /**
   * Metrics that the 21 alarms read: an alarm is billed by its metrics, and some alarms read several. With `counting`
   * `journal` they read seven more.
   */
  alarmMetrics: 29,
  /** Metrics of the geo table, each with an alarm that reads it. */
  geoMetrics: 2,
  dashboards: 1,
  /** Smaller objects stay in their class (S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle"). */
  minColdBytes: 128 * 1024,
  /** The minimum storage duration of Glacier Instant Retrieval, in days. */
  minColdDays: 90,
  /**
   * The resources that a customer-managed key encrypts: two tables, bucket, stream, two topics, three log groups. Each
   * requests the key every five minutes, and Firehose requests it at most once for each object.
   */
  keyUsers: 9,
  /** The write units a second that a new on-demand table takes (DynamoDB Developer Guide, "Warm throughput"). */
  initialWriteUnits: 4000,
  /** The busiest minute, as a multiple of the mean minute. */
  peak: 2,
  /** The use of provisioned capacity that autoscaling targets; a flush of the journal can wait for capacity. */
  utilisation: 0.7,
  journalUtilisation: 0.9,
  /**
   * Bytes of a packed delta in a page or a chunk, with the sample flow that an alert needs; 16 without the sample. Both are
   * from the design of the journal: pages of 16 lanes at 100 M records a day, compressed.
   */
  journalBytesPerKey: 20,
  /** Processor time to pack a delta into a page, and to unpack and merge it again, from the same design. */
  packMicroseconds: 4,
  mergeMicroseconds: 6,
  /** Days that the journal's table holds pages and chunks, until their TTL. */
  journalDays: 14,
  /** Provisioned write units for each provisioned read unit. */
  writesPerRead: 10,
} as const;
