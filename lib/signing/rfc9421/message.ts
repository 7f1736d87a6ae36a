/** What RFC 9421 signs beside requests: responses, bound to the request that they answer (section 2.4). */
import type { HeaderList, SignableMessage } from "../message.js";

export interface SignableResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly trailers?: HeaderList;
  /** As of a request. */
  readonly body: SignableMessage["body"];
  /** The request that this answers, as it was sent; needed where a component says `req`. */
  readonly request?: SignableMessage;
}

export type Signable = SignableMessage | SignableResponse;

export const isResponse = (message: Signable): message is SignableResponse => "status" in message;
