/** The profiles that `sign` and `verify` know, by the word of `--profile`. */
import { awsProfile, hmacProfile, PRESETS, type PresetName, presetProfile, rfc9421Profile, type SigningProfile } from "../signing/index.js";
import { invalidInput } from "./invalid-input.js";

export interface ProfileOptions {
  readonly profile: ProfileName;
  /** Of profiles whose messages carry no key id. */
  readonly keyId?: string | undefined;
  /** Of sigv4. */
  readonly region?: string | undefined;
  readonly service?: string | undefined;
}

type Compile = (options: ProfileOptions) => SigningProfile;

const presets = Object.fromEntries(
  Object.keys(PRESETS).map((name) => [name, ({ keyId = "default" }) => presetProfile(name as PresetName, { keyId })]),
) as Record<PresetName, Compile>;

const PROFILES = {
  "hmac-strict": () => hmacProfile({ form: "strict" }),
  "hmac-plain": ({ keyId = "default" }) => hmacProfile({ form: "plain", keyId }),
  rfc9421: () => rfc9421Profile({ name: "rfc9421", algorithm: "hmac-sha256", components: ["@method", "@authority", "@path", "@query"] }),
  sigv4({ region, service }) {
    if (region === undefined || service === undefined) throw invalidInput("sigv4 signs for one service: give --region and --service");
    return awsProfile({ region, service });
  },
  ...presets,
} satisfies Record<string, Compile>;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

/** Those that carry the key's id, and so must be given one to sign. */
export const NAMES_ITS_KEY: ReadonlySet<ProfileName> = new Set<ProfileName>(["hmac-strict", "rfc9421", "sigv4"]);

/** @throws {INPUT_INVALID} */
export const signingProfile = (options: ProfileOptions): SigningProfile => PROFILES[options.profile](options);

/** What is said beside a result of a profile that proves little. */
export const weaknessOf = (name: ProfileName): string[] =>
  name in PRESETS && "weak" in PRESETS[name as PresetName] ? [`${name} is a weak scheme: a copy of this request stays valid`] : [];
