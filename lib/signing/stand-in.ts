/** What a message from nobody is verified with: computed with for the time it takes, and never accepted. (THREATS 25) */
import { SecretValue } from "../secret-value.js";

export const STAND_IN_SECRET = new SecretValue("computed with for the time it takes, never accepted");
