import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SallyportError } from "../../errors.js";
import type { Listener } from "./listener.js";

/**
 * Resolves with the port that the server really has.
 * @throws {INPUT_INVALID} when the address cannot be listened on
 */
export const listen = (server: Server, { host, port }: Listener): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new SallyportError("INPUT_INVALID", { host, port }, { message: `cannot listen on ${host}:${port} (${cause.code})`, cause })),
    );
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
