/**
 * What stands between Lambda and a Node.js function: loads the handler, then asks for one event after another. In place of
 * the client that Lambda's own runtime has. (Lambda developer guide: runtime API)
 */
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

// An import would also load the fetch of Node, which no handler here asks for.
const { request } = process.getBuiltinModule("node:http");
const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_FUNCTION_NAME, LAMBDA_TASK_ROOT, _HANDLER } = process.env;

/** No deadline: while there is no event, the answer takes as long as the function is idle. */
const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const sent = request(`http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime${path}`, { method, agent: false }, (response) => {
      buffer(response).then((answer) => resolve({ headers: response.headers, body: answer.toString() }), reject);
    });
    sent.on("error", reject).end(body);
  });

const fault = (error) => JSON.stringify({ errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split("\n") ?? [] });

async function load() {
  const [file, name] = _HANDLER.split(".");
  const { [name]: handler } = await import(join(LAMBDA_TASK_ROOT, `${file}.mjs`));
  if (typeof handler !== "function") throw new Error(`${_HANDLER} is not a function`);
  return handler;
}

const handler = await load().catch(async (error) => {
  await call("POST", "/init/error", fault(error));
  process.exit(1);
});

for (;;) {
  const { headers, body } = await call("GET", "/invocation/next");
  const awsRequestId = headers["lambda-runtime-aws-request-id"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const context = {
    awsRequestId,
    functionName: AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
  try {
    const result = await handler(JSON.parse(body), context);
    await call("POST", `/invocation/${awsRequestId}/response`, JSON.stringify(result));
  } catch (error) {
    await call("POST", `/invocation/${awsRequestId}/error`, fault(error));
  }
}
