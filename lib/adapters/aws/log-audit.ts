/**
 * The audit as lines of the function's log. Each instance writes a log stream of its own, and chains its events from 1:
 * an event that is missing, edited or out of order breaks its stream's chain. (THREATS 26; fault 12)
 */
import { CHAIN_START, chainEvent } from "../../audit/chain.js";
import { SallyportError } from "../../errors.js";
import type { AuditSink } from "../../ports.js";
import type { WriteLine } from "./log-line.js";

export function logAudit(write: WriteLine): AuditSink {
  let state = CHAIN_START;
  return {
    async append(event) {
      const chained = chainEvent(state, event);
      state = chained.state;
      await write(chained.line).catch((cause: unknown) => {
        throw new SallyportError("AUDIT_UNAVAILABLE", {}, { cause });
      });
    },
  };
}
