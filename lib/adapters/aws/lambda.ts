/** What Lambda loads: `index.handler` of the bundle. The door opens while the instance starts. */
import { lambdaHandler } from "./lambda-handler.js";

export const handler = lambdaHandler(async () => {
  const [{ readDeployment }, { openAwsDoor }] = await Promise.all([import("./deployment.js"), import("./aws-door.js")]);
  return openAwsDoor({ deployment: await readDeployment(process.env) });
});
