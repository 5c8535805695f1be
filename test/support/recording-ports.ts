import type { Alert } from '../../lambda/alert/alert.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import type { BatchReport } from '../../lambda/telemetry/batch-report.ts';
import type { Log } from '../../lambda/telemetry/log.ts';

/** The topic and the log of a pipeline. They accept everything, and keep the alerts and the reports. */
export class RecordingPorts {
  readonly sent: Alert[] = [];
  readonly reports: BatchReport[] = [];
  readonly alerts: AlertPublisher = {
    publish: async (alerts) => {
      this.sent.push(...alerts);
      return { published: new Set(alerts), problems: [] };
    },
  };
  readonly log: Log = { report: (report) => void this.reports.push(report), alert() {} };
}
