/** What a door makes of its policy, read from the synthesized Terraform JSON. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { Caller, Certificate, Inject, IpPolicy, Route, Secret, SigningProfile, type ZeroTrustProxy } from "sallyport/constructs";
import { describe, expect, test } from "vitest";
import { doorIn, type Json, synthesized, type TestDoor } from "./synthesized.js";

/** A door that uses every kind of entry that this version enforces. */
function fullDoor(props: Parameters<typeof doorIn>[1] = {}): TestDoor {
  const { stack, door } = doorIn("egress", props);
  const hosts = ["api.vendor.example"];
  const apiKey = Secret.fromName(door, "api-key", "prod/vendor", { field: "apiKey", allowedHosts: hosts, maxAgeDays: 90 });
  const signingKey = new Secret(door, "signing-key", { allowedHosts: hosts, maxAgeDays: 90 });
  const callerKey = new Secret(door, "caller-key", { allowedHosts: [], maxAgeDays: 90 });
  new Secret(door, "spare-key", { allowedHosts: hosts, maxAgeDays: 90 });
  const certificate = new Certificate(door, "client", { allowedHosts: hosts });
  const route = new Route(door, "vendor", {
    owner: "team",
    target: "https://api.vendor.example:8443/v2",
    inject: [Inject.bearer(apiKey)],
    sign: SigningProfile.hmac(door, "signing", { key: signingKey }),
    tls: { clientCertificate: certificate },
  });
  const workload = Caller.hmac(door, "workload", { key: callerKey });
  const role = Caller.iamRole(door, "role", { account: "111111111111", roleName: "app" });
  route.allow("all", workload, { requests: ["GET /**"], when: { from: new IpPolicy(door, "vpc", { allow: ["10.0.0.0/8"] }) } });
  route.allow("role", role, { requests: ["GET /**"] });
  return { stack, door };
}

const statements = (policy: string): Json[] => JSON.parse(policy).Statement;
const statement = (policy: string, sid: string): Json => statements(policy).find(({ Sid }) => Sid === sid);

describe("secrets", () => {
  const { text, all, one } = synthesized(fullDoor().stack);

  test("hold no value anywhere", () => {
    expect(all("aws_secretsmanager_secret_version")).toEqual([]);
    expect(text).not.toMatch(/secret_string|secret_binary/);
  });

  test("are encrypted with a key of their own that rotates, and survive `terraform destroy`", () => {
    expect(one("aws_kms_key", "Secrets")).toMatchObject({ enable_key_rotation: true, lifecycle: { prevent_destroy: true } });
    expect(all("aws_secretsmanager_secret")).toHaveLength(4);
    for (const secret of all("aws_secretsmanager_secret")) {
      expect(secret).toMatchObject({
        kms_key_id: expect.stringContaining("aws_kms_key.door_Secrets_Key"),
        recovery_window_in_days: 30,
        lifecycle: { prevent_destroy: true },
      });
    }
  });

  test("deny every reader but the signer", () => {
    const policies = all("aws_secretsmanager_secret_policy");
    expect(policies).toHaveLength(4);
    for (const { policy, block_public_policy } of policies) {
      expect(block_public_policy).toBe(true);
      expect(statements(policy)).toEqual([
        {
          Sid: "OnlyTheSignerReads",
          Effect: "Deny",
          Principal: "*",
          Action: "secretsmanager:GetSecretValue",
          Resource: "*",
          Condition: { ArnNotEquals: { "aws:PrincipalArn": expect.stringMatching(/^\$\{aws_iam_role\.door_Signer_role_\w+\.arn\}$/) } },
        },
      ]);
    }
  });

  test("are named alike, and not as those of an earlier deployment, whose names are still taken", () => {
    const keyId = /^\$\{substr\(aws_kms_key\.door_Secrets_Key_key_\w+\.key_id, 0, 8\)\}$/;
    const names = all("aws_secretsmanager_secret").map(({ name }) => name.split("/"));
    expect(names.map(([, , last]) => last).sort()).toEqual(["caller-key", "client", "signing-key", "spare-key"]);
    for (const [door, deployment] of names) {
      expect(door).toMatch(/^sallyport-door-prod-[0-9a-f]{8}$/);
      expect(deployment).toMatch(keyId);
    }
  });

  test("by name are looked up, not made", () => {
    const { json } = synthesized(fullDoor().stack);
    expect(Object.values<Json>(json.data.aws_secretsmanager_secret)).toEqual([{ name: "prod/vendor" }]);
    expect(Object.keys(json.resource.aws_secretsmanager_secret).join()).not.toContain("api-key");
  });
});

describe("the signer", () => {
  const { stack, door } = fullDoor();
  const { one, json } = synthesized(stack);
  const { policy } = one("aws_iam_role_policy", "Signer");
  const named = (arn: string): string => /door_([a-z0-9-]+)_entry/.exec(arn)![1]!;

  test("may read exactly the secrets that routes and callers name", () => {
    const readable = statements(one("aws_iam_policy").policy);
    expect(readable.map(({ Effect, Action }) => [Effect, Action])).toEqual([["Allow", "secretsmanager:GetSecretValue"]]);
    expect(readable[0].Resource.map(named).sort()).toEqual(["api-key", "caller-key", "client", "signing-key"]);
    expect(one("aws_iam_role_policy_attachment")).toMatchObject({ role: expect.stringContaining("aws_iam_role.door_Signer_role") });
    expect(policy).not.toContain("secretsmanager:");
  });

  test("may decrypt secrets only through Secrets Manager", () => {
    expect(statement(policy, "DecryptSecrets").Condition).toEqual({ StringLike: { "kms:ViaService": "secretsmanager.*" } });
  });

  /** A door whose one route injects this many secrets, their names as long as names may be. */
  const doorWithSecrets = (count: number): TestDoor => {
    const crowded = doorIn("egress", { name: "a-door-with-a-name-as-long-as-it-may-be" });
    const allowedHosts = ["api.vendor.example"];
    const inject = Array.from({ length: count }, (_, index) => {
      const id = `secret-${index}-`.padEnd(63, "x");
      return Inject.header(`x-key-${index}`, new Secret(crowded.door, id, { allowedHosts, maxAgeDays: 90 }));
    });
    const route = new Route(crowded.door, "vendor", { owner: "team", target: "https://api.vendor.example", inject });
    route.allow("all", Caller.bearerToken(crowded.door, "sdk", { sha256: "0".repeat(64) }), { requests: ["GET /**"] });
    return crowded;
  };

  test("may read 300 secrets, within what IAM and Lambda allow", () => {
    const crowded = synthesized(doorWithSecrets(300).stack);
    const policies = crowded.all("aws_iam_policy").map(({ policy: text }) => text as string);
    const arns = policies.flatMap((text) => statements(text)[0].Resource as string[]);
    expect(new Set(arns.map(named)).size).toBe(300);
    expect(policies.length).toBeLessThanOrEqual(10);
    expect(crowded.all("aws_iam_role_policy_attachment")).toHaveLength(policies.length);
    // As Terraform renders it, in the longest partition and region.
    const arn = (token: string) =>
      `arn:aws-us-gov:secretsmanager:ap-southeast-2:111111111111:secret:sallyport-${"a".repeat(39)}/1a2b3c4d/${named(token)}-AbCdEf`;
    for (const text of policies) {
      expect(text.replace(/\$\{aws_secretsmanager_secret[^}]+\}/g, arn).length).toBeLessThanOrEqual(6_144);
    }
    expect(crowded.one("aws_iam_role_policy", "Signer").policy.length).toBeLessThanOrEqual(10_240);
    expect(JSON.stringify(crowded.one("aws_lambda_function").environment).length).toBeLessThanOrEqual(4_096);
  });

  test("may read more secrets of its own than a role can list, by the prefix that only they have", () => {
    const policies = synthesized(doorWithSecrets(320).stack)
      .all("aws_iam_policy")
      .map(({ policy: text }) => text as string);
    expect(policies).toHaveLength(1);
    expect(statements(policies[0]!)[0].Resource).toEqual([expect.stringMatching(/:secret:sallyport-a-door.*substr.*\/\*$/)]);
  });

  test("that would read more existing secrets than a role can list fails synthesis", () => {
    const crowded = doorIn("egress");
    const inject = Array.from({ length: 112 }, (_, index) => {
      const existing = `team/${index}/`.padEnd(500, "x");
      return Inject.header(
        `x-key-${index}`,
        Secret.fromName(crowded.door, `secret-${index}`, existing, { allowedHosts: ["api.vendor.example"], maxAgeDays: 90 }),
      );
    });
    const route = new Route(crowded.door, "vendor", { owner: "team", target: "https://api.vendor.example", inject });
    route.allow("all", Caller.bearerToken(crowded.door, "sdk", { sha256: "0".repeat(64) }), { requests: ["GET /**"] });
    expect(() => synthesized(crowded.stack)).toThrow(
      "[too-many-secrets] the ARNs of 112 secrets that exist already need 12 IAM policies, and a role has room for 9. Divide the routes between two doors.",
    );
  });

  test("may write and release commits, and read only what is revoked, which it cannot change", () => {
    const leadingKeys = { "dynamodb:LeadingKeys": ["revocations"] };
    expect(statement(policy, "Commit").Action).toEqual(["dynamodb:PutItem", "dynamodb:DeleteItem"]);
    expect(statement(policy, "ReadRevocations")).toMatchObject({
      Action: "dynamodb:GetItem",
      Condition: { "ForAllValues:StringEquals": leadingKeys },
    });
    expect(statement(policy, "KeepRevocations")).toMatchObject({
      Effect: "Deny",
      Action: ["dynamodb:PutItem", "dynamodb:DeleteItem"],
      Condition: { "ForAnyValue:StringEquals": leadingKeys },
    });
  });

  test("gets names and the policy version in its environment, and nothing else", () => {
    const { variables } = one("aws_lambda_function").environment;
    expect(Object.keys(variables)).toEqual(["SALLYPORT_BINDINGS", "SALLYPORT_POLICY_VERSION"]);
    expect(variables.SALLYPORT_POLICY_VERSION).toBe(door.policyVersion);
    const bindings = JSON.parse(variables.SALLYPORT_BINDINGS);
    expect(Object.keys(bindings)).toEqual(["secretPrefix", "commitTable", "entrances"]);
    for (const { name } of Object.values<Json>(json.resource.aws_secretsmanager_secret)) {
      expect(name.startsWith(bindings.secretPrefix)).toBe(true);
    }
    expect(Object.keys(bindings.entrances).sort()).toEqual(["iam", "signed"]);
  });

  test("runs Node.js 22 on arm64 in the private subnets", () => {
    expect(one("aws_lambda_function")).toMatchObject({
      runtime: "nodejs22.x",
      architectures: ["arm64"],
      vpc_config: { subnet_ids: [expect.stringContaining("private"), expect.stringContaining("private")] },
    });
  });

  test("serves one published version at a time, through an alias", () => {
    expect(one("aws_lambda_function").publish).toBe(true);
    expect(one("aws_lambda_alias").function_version).toMatch(/^\$\{aws_lambda_function\.door_Signer_function_\w+\.version\}$/);
    for (const { uri } of Object.values<Json>(json.resource.aws_api_gateway_integration)) expect(uri).toContain("aws_lambda_alias.");
  });

  test("may be invoked by this door's APIs only", () => {
    const permissions = Object.values<Json>(json.resource.aws_lambda_permission);
    expect(permissions.every(({ qualifier }) => /aws_lambda_alias\.door_Signer_alias/.test(qualifier))).toBe(true);
    expect(permissions.map(({ source_arn }) => source_arn)).toEqual([
      expect.stringMatching(/^\$\{aws_api_gateway_rest_api\.door_Entrances_iam_api_\w+\.execution_arn\}\/\*$/),
      expect.stringMatching(/^\$\{aws_api_gateway_rest_api\.door_Entrances_signed_api_\w+\.execution_arn\}\/\*$/),
    ]);
  });
});

describe("entrances", () => {
  const entrancesOf = (write: (door: ZeroTrustProxy) => Caller) => {
    const { stack, door } = doorIn("egress");
    const route = new Route(door, "vendor", { owner: "team", target: "https://api.vendor.example" });
    route.allow("all", write(door), { requests: ["GET /**"] });
    return synthesized(stack);
  };
  const iamOnly = entrancesOf((door) => Caller.iamRole(door, "role", { account: "111111111111", roleName: "app" }));
  const tokenOnly = entrancesOf((door) => Caller.bearerToken(door, "sdk", { sha256: "0".repeat(64) }));

  test("exist only for the proofs that the policy has", () => {
    expect(Object.keys(iamOnly.json.output).sort()).toEqual(["door_bindings", "door_egress_addresses", "door_secret_arns", "door_url_iam"]);
    expect(Object.keys(tokenOnly.json.output)).toContain("door_url_signed");
    expect(tokenOnly.all("aws_api_gateway_rest_api")).toHaveLength(1);
    const unverified = entrancesOf((door) => Caller.jwt(door, "jwt", { issuer: "https://issuer.example", audience: "door" }));
    expect(unverified.all("aws_api_gateway_rest_api")).toEqual([]);
  });

  test("have a method at the root and one for all below it, both with the entrance's authorization", () => {
    expect(iamOnly.all("aws_api_gateway_method").map(({ http_method, authorization }) => [http_method, authorization])).toEqual([
      ["ANY", "AWS_IAM"],
      ["ANY", "AWS_IAM"],
    ]);
    expect(tokenOnly.all("aws_api_gateway_method").map(({ authorization }) => authorization)).toEqual(["NONE", "NONE"]);
    expect(iamOnly.one("aws_api_gateway_resource").path_part).toBe("{proxy+}");
    expect(iamOnly.all("aws_api_gateway_integration")).toHaveLength(2);
  });

  test("take bodies as bytes", () => {
    expect(iamOnly.one("aws_api_gateway_rest_api").binary_media_types).toEqual(["*/*"]);
  });

  test("let in the callers' accounts only, where API Gateway verifies them", () => {
    expect(statements(iamOnly.one("aws_api_gateway_rest_api_policy").policy)[0].Condition).toEqual({
      StringEquals: { "aws:PrincipalAccount": ["111111111111"] },
    });
    expect(tokenOnly.all("aws_api_gateway_rest_api_policy")).toEqual([]);
  });

  test("are deployed anew when the accounts change", () => {
    const other = entrancesOf((door) => Caller.iamRole(door, "role", { account: "222222222222", roleName: "app" }));
    const trigger = ({ one }: typeof other): string => one("aws_api_gateway_deployment").triggers.configuration;
    const again = entrancesOf((door) => Caller.iamRole(door, "role", { account: "111111111111", roleName: "other" }));
    expect(trigger(other)).not.toBe(trigger(iamOnly));
    expect(trigger(again)).toBe(trigger(iamOnly));
  });

  test("log each request without its query", () => {
    const format = JSON.parse(iamOnly.one("aws_api_gateway_stage").access_log_settings.format);
    expect(Object.values(format)).toContain("$context.path");
    expect(JSON.stringify(format)).not.toMatch(/query|\.requestOverride|authorizer/i);
  });

  test("leave the account's log role alone when it is an existing one", () => {
    const { stack, door } = doorIn("egress", { accessLogRole: "existing" });
    const role = Caller.iamRole(door, "role", { account: "111111111111", roleName: "app" });
    new Route(door, "vendor", { owner: "team", target: "https://api.vendor.example" }).allow("all", role, { requests: ["GET /**"] });
    const { all, one } = synthesized(stack);
    expect(all("aws_api_gateway_account")).toEqual([]);
    expect(one("aws_api_gateway_stage").depends_on).toBeUndefined();
  });

  test("are each watched by an anomaly alarm that tells an encrypted topic", () => {
    const { all, one } = synthesized(fullDoor().stack);
    expect(all("aws_cloudwatch_metric_alarm")).toHaveLength(3);
    for (const kind of ["iam", "signed"]) {
      expect(one("aws_cloudwatch_metric_alarm", `${kind}-calls`)).toMatchObject({
        comparison_operator: "GreaterThanUpperThreshold",
        threshold_metric_id: "normal",
        alarm_actions: [expect.stringContaining("aws_sns_topic.door_Anomalies_topic")],
      });
    }
    expect(one("aws_sns_topic").kms_master_key_id).toContain("aws_kms_key.door_Audit_Key");
    expect(statement(one("aws_kms_key", "Audit").policy, "AlarmsUseKey").Principal).toEqual({ Service: "cloudwatch.amazonaws.com" });
  });
});

test("an invocation past the entrances raises an alarm", () => {
  expect(synthesized(fullDoor().stack).one("aws_cloudwatch_metric_alarm", "foreign-invoker")).toMatchObject({
    namespace: "Sallyport",
    metric_name: "sallyport_requests_total",
    dimensions: { door: "door", environment: "prod", route: "unknown", decision: "deny", reason: "INVOKER_UNKNOWN" },
    comparison_operator: "GreaterThanThreshold",
    threshold: 0,
    alarm_actions: [expect.stringContaining("aws_sns_topic.door_Anomalies_topic")],
  });
});

describe("the network", () => {
  const { json, all, one } = synthesized(fullDoor().stack);

  test("has a NAT gateway with a fixed address in each zone", () => {
    expect(all("aws_nat_gateway")).toHaveLength(2);
    expect(all("aws_eip")).toEqual([
      expect.objectContaining({ lifecycle: { prevent_destroy: true } }),
      expect.objectContaining({ lifecycle: { prevent_destroy: true } }),
    ]);
    expect(json.output.door_egress_addresses.value).toEqual([
      expect.stringMatching(/aws_eip\.door_Network_eu-west-1a_address_\w+\.public_ip/),
      expect.stringMatching(/aws_eip\.door_Network_eu-west-1b_address_\w+\.public_ip/),
    ]);
  });

  test("sends each private subnet through the NAT gateway of its own zone", () => {
    for (const zone of ["eu-west-1a", "eu-west-1b"]) {
      expect(one("aws_route", `${zone}_private-default`).nat_gateway_id).toContain(`door_Network_${zone}_nat`);
      expect(one("aws_route_table_association", `${zone}_private`).route_table_id).toContain(`door_Network_${zone}_private-routes`);
    }
  });

  test("lets the signer out to HTTPS and the ports that targets name, and nothing in", () => {
    const group = one("aws_security_group", "signer-group");
    expect(group.egress.map(({ from_port, to_port }: Json) => [from_port, to_port])).toEqual([
      [443, 443],
      [8443, 8443],
    ]);
    expect(group.ingress).toBeUndefined();
  });

  test("has endpoints for the services that the signer calls, which let nobody else through", () => {
    const endpoints = all("aws_vpc_endpoint");
    expect(endpoints.map(({ service_name, vpc_endpoint_type }) => [service_name.split(".").at(-1), vpc_endpoint_type])).toEqual([
      ["dynamodb", "Gateway"],
      ["secretsmanager", "Interface"],
    ]);
    for (const { policy } of endpoints) {
      expect(statements(policy)).toEqual([
        expect.objectContaining({
          Effect: "Allow",
          Condition: { ArnEquals: { "aws:PrincipalArn": expect.stringMatching(/^\$\{aws_iam_role\.door_Signer_role_\w+\.arn\}$/) } },
        }),
      ]);
    }
    expect(one("aws_vpc_endpoint", "secrets-manager")).toMatchObject({
      private_dns_enabled: true,
      subnet_ids: [expect.stringContaining("eu-west-1a_private"), expect.stringContaining("eu-west-1b_private")],
    });
    expect(one("aws_vpc_endpoint", "dynamodb").route_table_ids).toHaveLength(2);
    expect(one("aws_security_group", "Endpoints").ingress).toEqual([
      expect.objectContaining({ from_port: 443, to_port: 443, security_groups: [expect.stringContaining("signer-group")] }),
    ]);
  });

  test("leaves the default security group without a rule", () => {
    expect(one("aws_default_security_group")).toEqual({ vpc_id: expect.any(String) });
  });
});

describe("the trail", () => {
  const { all, one } = synthesized(fullDoor({ logRetentionDays: 90 }).stack);

  test("keeps commits until they expire, streams them, and can be restored", () => {
    expect(one("aws_dynamodb_table")).toMatchObject({
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "claim",
      ttl: { attribute_name: "expiresAt", enabled: true },
      stream_enabled: true,
      stream_view_type: "NEW_IMAGE",
      point_in_time_recovery: { enabled: true },
      server_side_encryption: { enabled: true },
      deletion_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  test("encrypts its logs and keeps them as long as it is told", () => {
    expect(all("aws_cloudwatch_log_group")).toHaveLength(2);
    for (const group of all("aws_cloudwatch_log_group")) {
      expect(group).toMatchObject({ retention_in_days: 90, kms_key_id: expect.stringContaining("aws_kms_key.door_Audit_Key") });
    }
  });
});

describe("the stack", () => {
  test("assumes no partition, region or account", () => {
    expect(synthesized(fullDoor().stack).text).not.toMatch(/arn:aws[a-z-]*:|amazonaws\.com\.cn/);
  });

  test("can be torn down with protection `none`, which replaces nothing", () => {
    const { text, json } = synthesized(fullDoor({ protection: "none" }).stack);
    expect(text).not.toMatch(/"prevent_destroy": true|"deletion_protection_enabled": true/);
    const kept = synthesized(fullDoor().stack).json;
    expect(addressesOf(json)).toEqual(addressesOf(kept));
  });

  test("keeps its resource addresses: a changed one would be destroyed and made anew", () => {
    expect(addressesOf(synthesized(fullDoor().stack).json)).toMatchSnapshot();
  });

  test("tells two doors of one stack apart", () => {
    const { stack, door } = doorIn("egress");
    const other = new (door.constructor as typeof ZeroTrustProxy)(stack, "other", {
      environment: "prod",
      availabilityZones: ["eu-west-1a"],
    });
    for (const each of [door, other]) {
      const role = Caller.iamRole(each, "role", { account: "111111111111", roleName: "app" });
      new Route(each, "vendor", { owner: "team", target: "https://api.vendor.example" }).allow("all", role, { requests: ["GET /**"] });
    }
    const { json, all } = synthesized(stack);
    expect(Object.keys(json.output)).toEqual(expect.arrayContaining(["door_url_iam", "other_url_iam"]));
    expect(new Set(all("aws_lambda_function").map(({ function_name }) => function_name)).size).toBe(2);
  });
});

test("packs the very document that is on disk, in its canonical form", () => {
  const { stack, door } = fullDoor();
  const app = App.of(stack);
  app.synth();
  const packed = join(app.outdir, "signer-code");
  const [folder] = readdirSync(packed);
  expect(readFileSync(join(app.outdir, "stacks/egress/door.policy.json"), "utf8")).toBe(door.policyJson);
  expect(readFileSync(join(packed, folder!, "policy.json"), "utf8")).toBe(door.policyJson);
  const { filename } = Object.values<Json>(
    JSON.parse(readFileSync(join(app.outdir, "stacks/egress/cdk.tf.json"), "utf8")).resource.aws_lambda_function,
  )[0];
  expect(existsSync(join(app.outdir, "stacks/egress", filename))).toBe(true);
});

test("changes the function's hash with the policy", () => {
  const hashWith = (maxAgeDays: number): string => {
    const { stack, door } = fullDoor();
    new Secret(door, "another", { allowedHosts: [], maxAgeDays });
    return synthesized(stack).one("aws_lambda_function").source_code_hash;
  };
  expect(hashWith(30)).not.toBe(hashWith(31));
  expect(hashWith(30)).toBe(hashWith(30));
});

test("leaves no document on disk when the policy is refused", () => {
  const { stack, door } = doorIn("egress");
  new Route(door, "vendor", { owner: "team", target: "http://api.vendor.example" });
  const app = App.of(stack);
  expect(() => app.synth()).toThrow("[cleartext-target]");
  expect(existsSync(join(app.outdir, "signer-code"))).toBe(false);
  expect(existsSync(join(app.outdir, "stacks/egress/door.policy.json"))).toBe(false);
});

function addressesOf(json: Json): string[] {
  return Object.entries<Json>(json.resource).flatMap(([type, resources]) => Object.keys(resources).map((name) => `${type}.${name}`));
}
