/**
 * Whether a text looks like a credential that strayed into a policy (THREATS 32): the published prefixes of well-known
 * tokens, key material, and long runs that are too random to be a name. Judges shape alone; a policy holds references.
 */

/** Published token prefixes: Stripe, GitHub, GitLab, Slack, AWS, Google, OpenAI and Anthropic, SendGrid, Twilio, npm, PyPI, Shopify. */
const KNOWN =
  /(?:^|[^A-Za-z0-9])(?:[sr]k_(?:live|test)_|whsec_|gh[oprsu]_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|AIza|sk-|SG\.|SK[0-9a-f]{30}|npm_|pypi-|shp(?:at|ss|pa)_|ya29\.|eyJ[A-Za-z0-9_-]{8,}\.)[A-Za-z0-9_.+/=-]{8,}/;
const KEY_MATERIAL = /-----BEGIN [A-Z ]+-----/;
const RUN = /[A-Za-z0-9+/_=-]{24,}/g;
const RANDOM_BITS_PER_CHARACTER = 4.2;

export function looksLikeCredential(text: string): boolean {
  if (KNOWN.test(text) || KEY_MATERIAL.test(text)) return true;
  return (text.match(RUN) ?? []).some((run) => isMixed(run) && entropyBits(run) >= RANDOM_BITS_PER_CHARACTER);
}

/** Upper case, lower case and digits together: names and paths seldom mix all three. */
const isMixed = (run: string): boolean => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);

/** Shannon entropy of the characters, in bits a character. */
function entropyBits(run: string): number {
  const counts = new Map<string, number>();
  for (const character of run) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / run.length) * Math.log2(count / run.length), 0);
}
