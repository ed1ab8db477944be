// A provider of OpenID Connect for oidc.py: `oidc-provider`, which is certified, with keys of each
// kind. Any name and password log in; the name is the subject, and the first part of its mail.
//
// Usage: provider.mjs PUBLIC_URL: where browsers reach Assay. Prints its own address.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const home = process.argv[2];
const clients = [
  ["rs", "RS256", "client_secret_basic"],
  ["es", "ES256", "client_secret_post"],
  ["ed", "EdDSA", "none"],
].map(([name, alg, method]) => ({
  client_id: `assay-${name}`,
  ...(method === "none" ? {} : { client_secret: "a secret: +/%" }),
  token_endpoint_auth_method: method,
  id_token_signed_response_alg: alg,
  redirect_uris: [`${home}/v1/login/oidc/${name}/callback`],
  post_logout_redirect_uris: [`${home}/`],
}));
const keys = await Promise.all(["RS256", "ES256", "EdDSA"].map(async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: alg, use: "sig", alg };
}));
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients,
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "EdDSA"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["conformance"] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@example.org`, email_verified: sub !== "unverified" }),
    }),
  });
  server.on("request", provider.callback());
  console.log(url);
});
