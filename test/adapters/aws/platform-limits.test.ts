import { expect, it } from "vitest";
import { platformDeadlineMs } from "../../../lib/adapters/aws/platform-limits.js";

const NOW = Date.UTC(2026, 0, 2);

it.each([
  ["API Gateway's 29 s, less a second to answer in", { remainingMs: 60_000 }, 28_000],
  ["what Lambda leaves, when that is less", { remainingMs: 5_000 }, 4_000],
  ["less what a cold start took", { receivedAt: NOW - 3_000 }, 25_000],
  ["no more than that when the clock runs behind API Gateway's", { receivedAt: NOW + 3_600_000 }, 28_000],
  ["10 s less at most, when the clock jumped ahead", { receivedAt: NOW - 3_600_000 }, 18_000],
  ["nothing when the function is as good as over", { remainingMs: 500 }, 0],
])("leaves a call %s", (_, times, deadlineMs) => {
  expect(platformDeadlineMs({ now: NOW, receivedAt: NOW, remainingMs: 30_000, ...times })).toBe(deadlineMs);
});
