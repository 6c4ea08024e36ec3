// Reads one secret with DefaultAzureCredential, as in the documentation of the JavaScript SDK.
// Its last line on stdout is JSON: the value or the error.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are in the folder that the second argument names.
const packages = createRequire(`${process.argv[3]}/`);
const load = async (name) => import(pathToFileURL(packages.resolve(name)));
const { DefaultAzureCredential } = await load("@azure/identity");
const { SecretClient } = await load("@azure/keyvault-secrets");

let answer;
try {
  const client = new SecretClient(process.env.AZURE_KEYVAULT_URL, new DefaultAzureCredential());
  answer = { value: (await client.getSecret(process.argv[2])).value };
} catch (error) {
  answer = { error: error.name, status: error.statusCode ?? null, code: error.code ?? null, text: error.message };
}
console.log(JSON.stringify(answer));
