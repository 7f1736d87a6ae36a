/** Tells people when an entrance sees many more calls than it usually does at that hour. */
import { CloudwatchMetricAlarm, Construct, SnsTopic } from "./framework.js";
import type { Entrance } from "./front-door.js";

const PERIOD_SECONDS = 300;

/** How many standard deviations around the expected count are normal. */
const BAND_WIDTH = 3;

export interface AnomalyMonitorProps {
  readonly physicalName: string;
  /** ARN of the key that the topic is encrypted with. */
  readonly keyArn: string;
}

export class AnomalyMonitor extends Construct {
  /** Where alarms are told: subscribe people to it. */
  readonly topicArn: string;

  constructor(scope: Construct, id: string, { physicalName, keyArn }: AnomalyMonitorProps) {
    super(scope, id);
    this.topicArn = new SnsTopic(this, "topic", { name: `${physicalName}-alarms`, kmsMasterKeyId: keyArn }).arn;
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
