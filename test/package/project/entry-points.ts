/** Every entry point that needs neither the CDK nor the AWS SDK. Prints the names that each gives to its importer. */
import * as policy from "sallyport";
import * as audit from "sallyport/audit";
import * as local from "sallyport/local";
import * as runtime from "sallyport/runtime";
import * as signing from "sallyport/signing";

// `default` and what begins with underscores is how a CommonJS module looks from an ES module.
const names = (entryPoint: object): string[] =>
  Object.keys(entryPoint)
    .filter((name) => !/^(default|module\.exports|__.*)$/.test(name))
    .sort();

const entryPoints = { policy, audit, local, runtime, signing };
console.log(JSON.stringify(Object.fromEntries(Object.entries(entryPoints).map(([name, entryPoint]) => [name, names(entryPoint)]))));
