/** DynamoDB on loopback that finds nothing and takes everything, as fast as the other fakes: for measuring. What it means by it, dynalite tells. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeDynamodb {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function startDynamodb(): Promise<FakeDynamodb> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
