/**
 * Whether a text looks like a credential that strayed into a policy (THREATS 32): the published prefixes of well-known
 * tokens, key material, and long runs that are too random to be a name. Judges shape alone; a policy holds references.
 */

/** Published token prefixes: Stripe, GitHub, GitLab, Slack, AWS, Google, OpenAI and Anthropic, SendGrid, Twilio, npm, PyPI, Shopify. */
const KNOWN =
  /(?<![A-Za-z0-9])(?:(?:[sr]k_(?:live|test)_|whsec_|gh[oprsu]_|github_pat_|glpat-|xox[abprs]-|AIza|sk-(?:ant|proj)-|SG\.|npm_|pypi-Ag|shp(?:at|ss|pa)_|ya29\.|eyJ[\w-]{8,}\.)[\w.+/=-]{8,}|sk-[A-Za-z0-9]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|SK[0-9a-f]{32})[^\s"'`]*/g;
const KEY_MATERIAL = /-----BEGIN [A-Z ]+-----[\s\S]*/g;
const RUN = /[A-Za-z0-9+/_=-]{24,}/g;

/** Above what any field of a policy may hold; a pattern would overflow its stack on a run of many millions. */
export const MAX_JUDGED_LENGTH = 65_536;

/** The text with `[redacted]` in place of each credential in it; one too long to be judged is redacted whole. */
export const redactCredentials = (text: string): string =>
  text.length > MAX_JUDGED_LENGTH
    ? "[redacted]"
    : text
        .replace(KEY_MATERIAL, "[redacted]")
        .replace(KNOWN, "[redacted]")
        .replace(RUN, (run) => (isRandom(run) ? "[redacted]" : run));

export const looksLikeCredential = (text: string): boolean => redactCredentials(text) !== text;

const AWS_SECRET_KEY = /^[A-Za-z0-9/+]{40}$/;
const CHANGE_OF_KIND = /(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[a-z0-9]|(?<=[0-9])[A-Za-z]/g;
const RANDOM_CHANGES_A_CHARACTER = 0.38;

/** Upper case, lower case and digits in quick alternation: names keep to one kind for the length of a word. */
const isRandom = (run: string): boolean =>
  [/[a-z]/, /[A-Z]/, /[0-9]/].every((kind) => kind.test(run)) &&
  (AWS_SECRET_KEY.test(run) || run.match(CHANGE_OF_KIND)!.length >= RANDOM_CHANGES_A_CHARACTER * run.length);
