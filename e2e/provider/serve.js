// A real identity provider (OpenID Connect) on a free port of this machine, for the tests of the desk's sign-in.
//
//   node provider/serve.js ACCOUNTS.json CLIENT_ID CLIENT_SECRET REDIRECT_URI
//
// It prints its issuer on a line of its own. ACCOUNTS.json is read at each sign-in: { "name": { "password": …, "amr": […],
// "claims": { … } } }; the claims are those of the ID token.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [file, client_id, client_secret, redirect_uri] = process.argv.slice(2);
const accounts = async () => JSON.parse(await readFile(file, "utf8"));

const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id, client_secret, redirect_uris: [redirect_uri], grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: {
    acr: null,
    auth_time: null,
    iss: null,
    openid: ["sub"],
    // It writes how somebody signed in (amr) only where a scope asks for it.
    profile: ["name", "preferred_username", "groups", "amr"],
    email: ["email", "email_verified"],
  },
  // Claims stand in the ID token, where a program that asks for no user info finds them.
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(32).toString("hex")] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: async (_, sub) => {
    const account = (await accounts())[sub];
    return account && { accountId: sub, claims: () => ({ ...account.claims, sub }) };
  },
  // Everybody has agreed already.
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({ clientId: client_id, accountId: context.oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});

const form = (wrong) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example account</title>
<h1>Example account</h1>${wrong ? "<p role=alert>Wrong name or password</p>" : ""}
<form method="post"><label>Account <input name="account"></label> <label>Secret <input name="secret" type="password"></label>
<button name="deed" value="enter">Enter</button> <button name="deed" value="turn-back">Turn back</button></form></html>`;

async function interact(request, response) {
  if (request.method !== "POST") return response.setHeader("content-type", "text/html").end(form(false));
  let body = "";
  for await (const chunk of request) body += chunk;
  const fields = new URLSearchParams(body);
  if (fields.get("deed") === "turn-back") {
    return provider.interactionFinished(request, response, { error: "access_denied", error_description: "turned back" });
  }
  const name = fields.get("account");
  const account = (await accounts())[name];
  if (account?.password !== fields.get("secret")) {
    return response.setHeader("content-type", "text/html").end(form(true));
  }
  return provider.interactionFinished(request, response, { login: { accountId: name, amr: account.amr } });
}

const answer = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
console.log(issuer);
