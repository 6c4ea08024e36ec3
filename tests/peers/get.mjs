// A program of somebody else's: reads one secret by DefaultAzureCredential, as the SDK's documentation shows it.
// Its last line on stdout is JSON: the value, or what was thrown.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages lie in the folder that the second argument names, not beside this file.
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
