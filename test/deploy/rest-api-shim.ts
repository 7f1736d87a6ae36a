/**
 * Stands before Moto's API Gateway and mends two answers that the Terraform provider relies on: a resource policy comes
 * back with its JSON escaped once more, and the binary media types that an API is created with are kept.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

export interface RestApiShim {
  readonly endpoint: string;
  stop(): void;
}

interface RestApi {
  readonly id: string;
  readonly policy?: string | null;
  readonly binaryMediaTypes?: readonly string[];
}

export async function startRestApiShim(moto: string): Promise<RestApiShim> {
  const server = createServer(async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const body = await buffer(request);
    // Moto tells services apart by the credential's scope.
    const forward = (path: string, init: RequestInit) =>
      fetch(moto + path, { ...init, headers: { authorization: headers.authorization ?? "", "content-type": "application/json" } });

    const answer = await forward(url, { method, ...(body.byteLength > 0 ? { body: new Uint8Array(body) } : {}) });
    let text = await answer.text();
    if (answer.ok && method === "POST" && url === "/restapis") {
      const { id }: RestApi = JSON.parse(text);
      const { binaryMediaTypes = [] }: RestApi = JSON.parse(body.toString());
      const patchOperations = binaryMediaTypes.map((value) => ({ op: "add", path: "/binaryMediaTypes", value }));
      text = await (await forward(`/restapis/${id}`, { method: "PATCH", body: JSON.stringify({ patchOperations }) })).text();
    }
    response.writeHead(answer.status, { "content-type": "application/json" }).end(withEscapedPolicy(text));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the shim has no port");
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { endpoint: `http://127.0.0.1:${address.port}`, stop };
}

function withEscapedPolicy(text: string): string {
  if (!text.includes('"policy"')) return text;
  const api: RestApi = JSON.parse(text);
  return JSON.stringify(typeof api.policy === "string" ? { ...api, policy: JSON.stringify(api.policy).slice(1, -1) } : api);
}
