import { expect, it } from "vitest";
import { PIPELINE } from "../../lib/pipeline/handle.js";
import { testDoor } from "../fakes/door.js";

const ORDER = [
  "bound",
  "parse",
  "route",
  "authenticate",
  "source",
  "authorize",
  "commit",
  "credentials",
  "build",
  "connect",
  "forward",
  "scrub",
];

it("runs the stages in the order of the design", () => {
  expect(PIPELINE.stages.map(({ name }) => name)).toEqual(ORDER);
});

it("records last, whatever the stages say", async () => {
  const { ask, audit } = testDoor();
  await ask();
  await ask({ target: "/api/v2/charges" });
  expect(audit.events.map(({ kind, reason }) => [kind, reason])).toEqual([
    ["outcome", "granted"],
    ["denial", "NOT_GRANTED"],
  ]);
});

it("touches the ports in the order of the design: claim, credential, name, upstream", async () => {
  const touched: string[] = [];
  const spied = testDoor();
  const { door, upstream } = spied;
  const note = <Method extends (...args: never[]) => unknown>(name: string, method: Method): Method =>
    ((...args: never[]) => {
      touched.push(name);
      return method(...args);
    }) as Method;
  Object.assign(door, {
    commits: { ...door.commits, commit: note("claim", door.commits.commit) },
    secrets: { get: note("credential", door.secrets.get) },
    resolver: { resolve: note("name", door.resolver.resolve) },
    upstream: { ...upstream, send: note("upstream", upstream.send) },
  });
  await spied.ask();
  expect(touched).toEqual(["claim", "credential", "name", "upstream"]);
});
