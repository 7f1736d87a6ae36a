/** The package as its users get it: packed, installed from npm, type-checked and run in projects of either module system. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../fakes/temporary-folder.js";
import { install, pack, project, run, type Sources } from "./scratch-project.js";

const REPOSITORY = join(__dirname, "../..");
const fine = (output: unknown = "") => ({ status: 0, output });

let tarball: string;
beforeAll(() => {
  tarball = pack(temporaryFolder(afterAll));
});

const TYPESCRIPT = { typescript: "~5.9.3", "@types/node": "^20.19.0" };

describe("in a project of the CDK", () => {
  /** What `cdktf init --template=typescript` writes: CommonJS, and so node10's resolution. */
  const template: Sources = {
    compilerOptions: {
      ...{ module: "CommonJS", target: "ES2018", lib: ["es2018"], resolveJsonModule: true, skipLibCheck: true },
      ...{ strict: true, alwaysStrict: true, noImplicitAny: true, noImplicitThis: true, noImplicitReturns: true },
      ...{ strictNullChecks: true, strictPropertyInitialization: true, noFallthroughCasesInSwitch: true },
      ...{ noUnusedLocals: true, noUnusedParameters: true, experimentalDecorators: true, stripInternal: true },
      ...{ declaration: true, inlineSourceMap: true, inlineSources: true, noEmitOnError: true, incremental: true },
    },
    files: ["main.ts", "entry-points.ts"],
  };
  const esModule: Sources = {
    type: "module",
    compilerOptions: { module: "nodenext", target: "es2022", strict: true, skipLibCheck: true },
    files: template.files,
  };

  let commonJs: ReturnType<typeof project>;
  let esm: ReturnType<typeof project>;
  beforeAll(() => {
    const folder = temporaryFolder(afterAll);
    const cdk = { cdktf: "^0.21.0", constructs: "^10.4.2", "@cdktf/provider-aws": "^21.22.1" };
    install(folder, { sallyport: tarball, ...cdk, ...TYPESCRIPT, "ts-node": "^10.9.2", tsx: "^4.20.0" });
    commonJs = project(folder, "common-js", template);
    esm = project(folder, "es-module", esModule);
  });

  it("type-checks in the template's CommonJS project", () => {
    expect(commonJs.typeCheck()).toEqual(fine());
  });

  it("type-checks in an ES module project", () => {
    expect(esm.typeCheck()).toEqual(fine());
  });

  it("synthesizes the same policy in both, with the function's code beside it", () => {
    const version = expect.stringMatching(/^[0-9a-f]{64}$/);
    const first = commonJs.execute("ts-node/dist/bin.js", "main.ts");
    expect(first).toEqual(fine(version));
    expect(esm.execute("tsx/dist/cli.mjs", "main.ts")).toEqual(first);

    const [policy, other] = [commonJs, esm].map(({ folder }) =>
      readFileSync(join(folder, "cdktf.out/stacks/egress/door.policy.json"), "utf8"),
    );
    expect(other).toBe(policy);
    for (const { folder } of [commonJs, esm]) {
      const code = readFileSync(join(folder, "cdktf.out/stacks/egress/cdk.tf.json"), "utf8");
      expect(Object.keys(JSON.parse(code).resource)).toContain("aws_lambda_function");
    }
  });

  it("gives the same names to both", () => {
    const first = commonJs.execute("ts-node/dist/bin.js", "entry-points.ts");
    expect(JSON.parse(first.output)).toMatchObject({
      signing: expect.arrayContaining(["hmacProfile"]),
      policy: expect.arrayContaining(["loadPolicy"]),
    });
    expect(esm.execute("tsx/dist/cli.mjs", "entry-points.ts")).toEqual(first);
  });
});

describe("without its peers", () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder(afterAll);
    install(folder, { sallyport: tarball, ...TYPESCRIPT, tsx: "^4.20.0" });
  });

  it("installs neither the CDK nor the AWS SDK, and loads one library besides itself", () => {
    const packages = ["cdktf", "constructs", "@cdktf", "@aws-sdk", "@smithy"];
    expect(packages.filter((name) => existsSync(join(folder, "node_modules", name)))).toEqual([]);
    const script = 'require("sallyport/signing"); console.log(JSON.stringify(Object.keys(require.cache)))';
    const loaded: string[] = JSON.parse(run(folder, process.execPath, ["--eval", script]).output);
    expect(loaded).toContainEqual(expect.stringContaining("signing/index.js"));
    const modules = join(realpathSync(folder), "node_modules");
    const owners = new Set(loaded.map((path) => relative(modules, path).split(sep)[0]));
    expect([...owners].sort()).toEqual(["sallyport", "structured-headers"]);
  });

  it("signs and verifies, its types checked to the last library", () => {
    const compilerOptions = { module: "nodenext", target: "es2022", strict: true, exactOptionalPropertyTypes: true, types: ["node"] };
    const { typeCheck, execute } = project(folder, "signing", { compilerOptions, files: ["signing.ts"] });
    expect(typeCheck()).toEqual(fine());
    expect(execute("tsx/dist/cli.mjs", "signing.ts")).toEqual(fine("committed replayed"));
  });

  it("has entry points that load all the same", () => {
    const { execute } = project(folder, "entry-points", { compilerOptions: {}, files: ["entry-points.ts"] });
    expect(execute("tsx/dist/cli.mjs", "entry-points.ts")).toMatchObject({ status: 0 });
  });
});

describe("its manifest", () => {
  const bin = (path: string) => join(REPOSITORY, "node_modules", path);

  it("has nothing that publint would mend", () => {
    const { status, output } = run(REPOSITORY, process.execPath, [bin("publint/src/cli.js"), "run", tarball, "--strict"]);
    expect(output).toContain("All good!");
    expect(status).toBe(0);
  });

  it("has the right types at every entry point, in every resolution", () => {
    const { status, output } = run(REPOSITORY, process.execPath, [bin("@arethetypeswrong/cli/dist/index.js"), tarball, "--format=json"]);
    const { analysis, problems } = JSON.parse(output);
    expect(problems).toEqual({});
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(Object.keys(manifest().exports).sort());
    expect(status).toBe(0);
  });
});

const manifest = () => JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
