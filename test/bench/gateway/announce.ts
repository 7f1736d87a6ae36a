/** What every server of the benchmark does once it listens: prints its port, and ends when the benchmark does. */
import type { AddressInfo, Server } from "node:net";

export function announce(port: number): void {
  process.on("disconnect", () => process.exit());
  console.log(port);
}

export const listenAndAnnounce = (server: Server): void => {
  server.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
};
