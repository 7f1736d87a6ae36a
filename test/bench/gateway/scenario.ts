/** What all processes of the benchmark agree on. The keys guard nothing. */
export const ROUTE = "payments-api";
export const PATH = "/v1/charges";
export const CALLER_KEY_ID = "bench-caller";
export const CALLER_KEY = "a key that guards nothing: the caller's";
export const OUTBOUND_KEY = "a key that guards nothing: the outbound one";
/** What ours injects, and what the peers add as a static header. */
export const UPSTREAM_TOKEN = "a-token-that-opens-nothing";
export const REQUEST_BODY = JSON.stringify({ amount: 1999, currency: "eur", customer: "cus_0123456789", description: "one order" });
export const RESPONSE_BODY = JSON.stringify({ id: "ch_0123456789", object: "charge", status: "succeeded", padding: "x".repeat(180) });
