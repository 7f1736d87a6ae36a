/** Tells people when an entrance sees many more calls than is usual at that hour, and when anything else invokes the signer. */
import type { ErrorCode } from "../lib/errors.js";
import type { MetricName } from "../lib/metrics.js";
import { CloudwatchMetricAlarm, Construct, SnsTopic } from "./framework.js";
import type { Entrance } from "./front-door.js";

const PERIOD_SECONDS = 300;

/** How many standard deviations around the expected count are normal. */
const BAND_WIDTH = 3;

export interface AnomalyMonitorProps {
  readonly physicalName: string;
  /** ARN of the key that the topic is encrypted with. */
  readonly keyArn: string;
  /** The door, as its metrics name it. */
  readonly door: { readonly door: string; readonly environment: string };
}

export class AnomalyMonitor extends Construct {
  /** Where alarms are told: subscribe people to it. */
  readonly topicArn: string;

  constructor(scope: Construct, id: string, { physicalName, keyArn, door }: AnomalyMonitorProps) {
    super(scope, id);
    this.topicArn = new SnsTopic(this, "topic", { name: `${physicalName}-alarms`, kmsMasterKeyId: keyArn }).arn;
    new CloudwatchMetricAlarm(this, "foreign-invoker", {
      alarmName: `${physicalName}-foreign-invoker`,
      alarmDescription: `${physicalName} was invoked past its entrances: find out who may invoke the function`,
      namespace: "Sallyport",
      metricName: "sallyport_requests_total" satisfies MetricName,
      dimensions: { ...door, route: "unknown", decision: "deny", reason: "INVOKER_UNKNOWN" satisfies ErrorCode },
      statistic: "Sum",
      period: PERIOD_SECONDS,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
      alarmActions: [this.topicArn],
    });
  }

  watch(id: string, { apiName, stageName }: Entrance): void {
    new CloudwatchMetricAlarm(this, `${id}-calls`, {
      alarmName: `${apiName}-calls`,
      alarmDescription: `${apiName} sees more calls than is normal for it`,
      comparisonOperator: "GreaterThanUpperThreshold",
      evaluationPeriods: 3,
      thresholdMetricId: "normal",
      treatMissingData: "notBreaching",
      metricQuery: [
        { id: "normal", expression: `ANOMALY_DETECTION_BAND(calls, ${BAND_WIDTH})`, label: "normal", returnData: true },
        {
          id: "calls",
          returnData: true,
          metric: {
            namespace: "AWS/ApiGateway",
            metricName: "Count",
            stat: "Sum",
            period: PERIOD_SECONDS,
            dimensions: { ApiName: apiName, Stage: stageName },
          },
        },
      ],
      alarmActions: [this.topicArn],
    });
  }
}
