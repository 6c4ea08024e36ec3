// Reads one secret with DefaultAzureCredential, as in the documentation of the JavaScript SDK.
// Its last line on stdout is JSON: the value or the error. An error is not caught, so stderr has what Node.js prints of it.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are in the folder that the second argument names.
const packages = createRequire(`${process.argv[3]}/`);
const load = async (name) => import(pathToFileURL(packages.resolve(name)));
const { DefaultAzureCredential } = await load("@azure/identity");
const { SecretClient } = await load("@azure/keyvault-secrets");

try {
  const client = new SecretClient(process.env.AZURE_KEYVAULT_URL, new DefaultAzureCredential());
  console.log(JSON.stringify({ value: (await client.getSecret(process.argv[2])).value }));
} catch (error) {
  const { name, statusCode, code, message } = error;
  console.log(JSON.stringify({ error: name, status: statusCode ?? null, code: code ?? null, text: message }));
  throw error;
}
