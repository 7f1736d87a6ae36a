/** What is in the simulated AWS, asked of its own APIs. */

export interface Remains {
  /** By kind, the ids of what is there to stay. */
  readonly kept: Readonly<Record<string, readonly string[]>>;
  /** By kind, the ids of what is deleted when its waiting period is over. */
  readonly scheduled: Readonly<Record<"secrets" | "keys", readonly string[]>>;
}

interface Listed {
  readonly id: string;
  readonly isScheduled: boolean;
}

export async function remains(endpoint: string): Promise<Remains> {
  const ask = askAws(endpoint);
  const secrets = await ask.json("secretsmanager", "secretsmanager.ListSecrets", { IncludePlannedDeletion: true });
  const keys = await customerKeys(ask);
  const [tables, logGroups, functions, apis, addresses, roles, topics] = await Promise.all([
    ask.json("dynamodb", "DynamoDB_20120810.ListTables", {}),
    ask.json("logs", "Logs_20140328.DescribeLogGroups", {}),
    ask.get("lambda", "/2015-03-31/functions"),
    ask.get("apigateway", "/restapis"),
    ask.query("ec2", "DescribeAddresses", "2016-11-15", "allocationId"),
    ask.query("iam", "ListRoles", "2010-05-08", "RoleName"),
    ask.query("sns", "ListTopics", "2010-03-31", "TopicArn"),
  ]);
  const stored = (secrets.SecretList as Answer[]).map(
    ({ Name, DeletedDate }): Listed => ({ id: String(Name), isScheduled: DeletedDate !== undefined }),
  );
  return {
    kept: {
      secrets: idsOf(stored, false),
      keys: idsOf(keys, false),
      tables: tables.TableNames as string[],
      logGroups: names(logGroups.logGroups, "logGroupName"),
      functions: names(functions.Functions, "FunctionName"),
      apis: names(apis.item, "id"),
      addresses,
      roles,
      topics,
    },
    scheduled: { secrets: idsOf(stored, true), keys: idsOf(keys, true) },
  };
}

const idsOf = (listed: readonly Listed[], isScheduled: boolean): string[] =>
  listed.filter((each) => each.isScheduled === isScheduled).map(({ id }) => id);

const names = (list: unknown, field: string): string[] => ((list ?? []) as Answer[]).map((each) => String(each[field]));

/** Without those that AWS makes for itself, which have an alias of its own. */
async function customerKeys(ask: AskAws): Promise<Listed[]> {
  const { Keys } = await ask.json("kms", "TrentService.ListKeys", {});
  const { Aliases } = await ask.json("kms", "TrentService.ListAliases", {});
  const isOfAws = ({ AliasName }: Answer) => String(AliasName).startsWith("alias/aws/");
  const awsKeys = names((Aliases as Answer[]).filter(isOfAws), "TargetKeyId");
  const ids = names(Keys, "KeyId").filter((id) => !awsKeys.includes(id));
  const described = await Promise.all(ids.map((KeyId) => ask.json("kms", "TrentService.DescribeKey", { KeyId })));
  return described.map(({ KeyMetadata }) => {
    const { KeyId, KeyState } = KeyMetadata as Answer;
    return { id: String(KeyId), isScheduled: KeyState === "PendingDeletion" };
  });
}

type Answer = Readonly<Record<string, unknown>>;
type AskAws = ReturnType<typeof askAws>;

/** AWS's three protocols, as far as they are needed. The simulation tells services apart by the credential's scope. */
function askAws(endpoint: string) {
  const send = async (service: string, path: string, init: { method?: string; headers?: Record<string, string>; body?: string }) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const response = await fetch(endpoint + path, { ...init, headers: { ...init.headers, authorization } });
    if (!response.ok) throw new Error(`${service} answers ${response.status}: ${await response.text()}`);
    return response.text();
  };
  return {
    json: async (service: string, operation: string, body: object): Promise<Answer> => {
      const headers = { "x-amz-target": operation, "content-type": "application/x-amz-json-1.1" };
      return JSON.parse(await send(service, "/", { method: "POST", headers, body: JSON.stringify(body) }));
    },
    get: async (service: string, path: string): Promise<Answer> => JSON.parse(await send(service, path, {})),
    /** @returns what stands between the tags of `element` */
    query: async (service: string, Action: string, Version: string, element: string): Promise<string[]> => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const body = new URLSearchParams({ Action, Version }).toString();
      const text = await send(service, "/", { method: "POST", headers, body });
      return [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, id]) => id!);
    },
  };
}
