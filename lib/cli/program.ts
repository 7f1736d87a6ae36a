/** The command line itself: commands, options, help. It only reads words; what they mean is the commands' business. */
import { Argument, Command, Option } from "commander";
import { auditVerify } from "./commands/audit-verify.js";
import { explain } from "./commands/explain.js";
import { secretsList } from "./commands/secrets-list.js";
import { secretsSet } from "./commands/secrets-set.js";
import { serve } from "./commands/serve.js";
import { sign } from "./commands/sign.js";
import { validate } from "./commands/validate.js";
import { verify } from "./commands/verify.js";
import { DEFAULT_LISTEN } from "./door-options.js";
import { invalidInput } from "./invalid-input.js";
import type { Io } from "./io.js";
import type { AnyResult, Output } from "./render.js";
import { DEFAULT_SECRETS_PATH, DEFAULT_STATE_FOLDER } from "./secret-store.js";
import { PROFILE_NAMES } from "./signing-profiles.js";
import { packageVersion } from "./version.js";

/** Runs a command and prints its result; `tell` prints what happens on the way. */
export type Execute = (
  asJson: boolean | undefined,
  command: (io: Io, tell: (output: Output) => void) => Promise<AnyResult>,
) => Promise<void>;

const AFTER_HELP = `
Exit codes: 0 fine, 1 the tool failed, 2 invalid input, 3 access widened, 4 a guardrail, a policy test or an audit check failed.
A command's results go to standard output, everything else to standard error.

Examples:
  $ sallyport validate policy.yaml
  $ sallyport secrets set stripe-key < key.txt
  $ sallyport serve policy.yaml`;

export function buildProgram(execute: Execute): Command {
  const program = new Command("sallyport")
    .description("One guarded door for outgoing API calls: services hold no keys; the policy says who may call what.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("Run with --help to see what there is.")
    .addHelpText("after", AFTER_HELP);

  withPolicy(program.command("validate"))
    .description("check a policy: every problem with its place and cure, and the policy's own tests")
    .addOption(json())
    .addHelpText("after", examples("validate policy.yaml", "validate policy.yaml --overlay laptop.yaml", "validate - --json < policy.yaml"))
    .action((policy, { overlay = [], json }) => execute(json, (io) => validate({ policy, overlays: overlay }, io)));

  withPolicy(program.command("explain"))
    .description("say whether a request is allowed, by which rule, and what would change the answer")
    .requiredOption("--caller <name>", "who asks")
    .requiredOption("--route <name>", "what for")
    .requiredOption("--request <request>", 'method and path below the route, such as "GET /v1/charges"')
    .option("--from <address>", "source address; unknown when absent")
    .option("--country <code>", "ISO 3166-1 alpha-2 code of the source; unknown when absent")
    .option("--header <name>", "a header that the request carries; may be repeated", collect)
    .option("--risk <number>", "the caller's risk, 0 to 100; unknown when absent", number("--risk", 0, 100))
    .addOption(new Option("--expect <decision>", "exit with 4 when the decision is another one").choices(["allow", "deny"]))
    .addOption(json())
    .addHelpText("after", examples('explain policy.yaml --caller payments --route stripe --request "POST /v1/charges" --from 10.1.2.3'))
    .action((policy, { overlay = [], header, json, ...asked }) =>
      execute(json, (io) => explain({ ...asked, policy, overlays: overlay, headers: header }, io)),
    );

  withPolicy(program.command("serve"))
    .description("run the door on this machine; SIGHUP reloads the policy, SIGTERM drains")
    .option("--listen <where>", `[route=][address:]port; may be repeated (default: ${DEFAULT_LISTEN})`, collect)
    .option("--tls-cert <file>", "PEM certificate chain; needed off loopback")
    .option("--tls-key <file>", "PEM private key of the certificate")
    .option("--authority <host>", "one more Host value that names this door; may be repeated", collect)
    .option("--state <folder>", "claims and audit", DEFAULT_STATE_FOLDER)
    .option("--secrets <file>", "the secret store (default: secrets.json in the state folder)")
    .option("--key-file <file>", "the key that the secret store is sealed with (default: ~/.config/sallyport/key)")
    .option("--metrics <where>", "[address:]port on loopback that serves /metrics to Prometheus")
    .option("--resolve <host=address>", "dial a host at this address; may be repeated", collect)
    .option("--allow-upstream-cidr <network>", "let upstreams be in a network that is not public; may be repeated", collect)
    .option("--drain-seconds <number>", "how long calls under way may take to end", number("--drain-seconds", 0, 3600), 10)
    .addOption(json())
    .addHelpText(
      "after",
      examples(
        "serve policy.yaml",
        "serve policy.yaml --listen 8080 --listen stripe=8081 --metrics 9090",
        "serve policy.yaml --listen 0.0.0.0:8443 --tls-cert door.pem --tls-key door.key --authority egress.internal:8443",
      ),
    )
    .action((policy, { overlay = [], listen = [], authority = [], resolve = [], allowUpstreamCidr = [], json, ...options }) =>
      execute(json, (io, tell) =>
        serve(
          { ...options, policy, overlays: overlay, listen, authorities: authority, resolve, allowUpstreamCidrs: allowUpstreamCidr },
          io,
          (data) => tell({ kind: "serve-event", data }),
        ),
      ),
    );

  withRequest(program.command("sign"))
    .description("sign a request as a caller does: print its headers, or a curl command that sends it")
    .addOption(new Option("--output <form>", "what to print").choices(["headers", "curl", "json"]).default("headers"))
    .addHelpText(
      "after",
      examples(
        "sign --key payments-key --key-id payments --method GET --url http://127.0.0.1:8080/stripe/v1/charges --output curl",
        "sign --key-file key.bin --key-id ci --method PUT --url https://door.example/partner/releases/7 --data @release.json",
        "sign --key-file key.bin --key-id ci --method GET --url https://a1b2.execute-api.eu-west-1.amazonaws.com/prod/partner/x?b=2&a=1 --canonical-target /prod",
        "sign --key-file aws.key --key-id AKIDEXAMPLE --profile sigv4 --region eu-west-1 --service s3 --method GET --url https://b.s3.eu-west-1.amazonaws.com/a",
      ),
    )
    .action(({ header = [], ...options }) => execute(options.output === "json", (io) => sign({ ...options, headers: header }, io)));

  withRequest(program.command("verify"))
    .description("check a request's signature: exit 0 when it is valid now, 2 with the reason when it is not")
    .addOption(json())
    .addHelpText(
      "after",
      examples(
        "verify --key payments-key --method GET --url http://127.0.0.1:8080/stripe/v1/charges \\\n" +
          "      --header 'x-timestamp: …' --header 'x-nonce: …' --header 'x-key-id: …' --header 'x-signature: …'",
      ),
    )
    .action(({ header = [], json, ...options }) => execute(json, (io) => verify({ ...options, headers: header }, io)));

  const audit = program.command("audit").description("the audit that a door writes");

  audit
    .command("verify")
    .description("check an audit file's hash chain: exit 0 when it holds, 4 with the first bad line when it does not")
    .addArgument(new Argument("<file>", "audit.jsonl of a door's state folder"))
    .addOption(json())
    .addHelpText("after", examples("audit verify .sallyport/audit.jsonl"))
    .action((file, { json }) => execute(json, (io) => auditVerify({ file }, io)));

  const secrets = program.command("secrets").description("the local secret store");

  withStore(secrets.command("set"))
    .description("store a value, from standard input or typed unseen; never from an argument")
    .addArgument(new Argument("<name>", "the policy's name of the secret or certificate"))
    .allowExcessArguments()
    .allowUnknownOption()
    .addOption(json())
    .addHelpText("after", examples("secrets set stripe-key < key.txt", "secrets set partner-hmac-key"))
    .action((_name, { keyFile, secrets, json }, { args }: Command) =>
      execute(json, (io) => secretsSet({ args, secrets, storeKeyFile: keyFile }, io)),
    );

  withStore(secrets.command("list"))
    .description("list names, versions and dates; never values")
    .addOption(json())
    .addHelpText("after", examples("secrets list", "secrets list --json"))
    .action(({ keyFile, secrets, json }) => execute(json, (io) => secretsList({ secrets, storeKeyFile: keyFile }, io)));

  return program;
}

const withPolicy = (command: Command): Command =>
  command
    .argument("<policy>", "policy file in YAML or JSON; - for standard input")
    .option("--overlay <file>", "replaces whole entries of the policy; may be repeated", collect);

const withStore = (command: Command): Command =>
  command
    .option("--secrets <file>", "the secret store", DEFAULT_SECRETS_PATH)
    .option("--key-file <file>", "the key that the store is sealed with (default: ~/.config/sallyport/key)");

const withRequest = (command: Command): Command =>
  command
    .option("--key <name>", "the signing key, by its name in the secret store")
    .option("--key-file <file>", "the signing key, in a file of mode 0600; - for standard input")
    .option("--key-id <id>", "the id of the key, as the policy knows it")
    .requiredOption("--method <method>", "HTTP method")
    .requiredOption("--url <url>", "taken as it stands; nothing in it is rewritten")
    .option("--header <line>", "`name: value` of the request; may be repeated", collect)
    .option("--data <data>", "the body: @file, - for standard input, or the text itself")
    .addOption(new Option("--profile <profile>", "how it is signed").choices(PROFILE_NAMES).default("hmac-strict"))
    .option("--region <region>", "of sigv4, such as eu-west-1")
    .option("--service <service>", "of sigv4, such as execute-api")
    .option("--canonical-target [front]", "sign the target that API Gateway preserves; front is its stage or base path, such as /prod")
    .option("--secrets <file>", "the secret store of --key", DEFAULT_SECRETS_PATH)
    .option("--store-key-file <file>", "the key that the store is sealed with (default: ~/.config/sallyport/key)");

const json = (): Option => new Option("--json", "print one line of JSON for each result");

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  $ sallyport ${line}`).join("\n")}`;

/** Of an option that may be repeated; one that is absent is left undefined. */
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const number =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw invalidInput(`${option} takes a number from ${least} to ${most}, not \`${text}\``);
  };
