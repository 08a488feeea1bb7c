// A program that knows nothing of Simpul: it signs a person in, and itself, with openid-client.
// It prints the address to open, reads the address it is called back at, and prints what it got.
import { createInterface } from "node:readline";
import * as oidc from "openid-client";

const told = JSON.parse(process.env.JOURNEY);

async function proof() {
  if (told.jwk) {
    const { alg, ...jwk } = told.jwk;
    const key = await crypto.subtle.importKey(
      "jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    return oidc.PrivateKeyJwt({ key, kid: jwk.kid });
  }
  return told.secret ? oidc.ClientSecretBasic(told.secret) : oidc.None();
}

const config = await oidc.discovery(
  new URL(told.issuer), told.clientId, undefined, await proof(),
  { execute: [oidc.allowInsecureRequests] });
const got = { issuer: config.serverMetadata().issuer };

if (told.redirectUri) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: told.redirectUri,
    scope: "openid profile email data:read",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  console.log(url.href);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const back = new URL((await lines.next()).value);
  const tokens = await oidc.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    maxAge: 600,
  });
  got.claims = tokens.claims();
  got.scope = tokens.scope;
  got.userinfo = await oidc.fetchUserInfo(config, tokens.access_token, got.claims.sub);
  const me = await oidc.fetchProtectedResource(
    config, tokens.access_token, new URL("/api/v1/me", told.issuer), "GET");
  got.me = await me.json();
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  got.renewed = renewed.refresh_token !== tokens.refresh_token;
  await oidc.tokenRevocation(config, renewed.refresh_token);
  got.afterRevocation = await oidc
    .refreshTokenGrant(config, renewed.refresh_token)
    .then(() => "open", (error) => error.error);
} else {
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "data:read" });
  got.scope = tokens.scope;
  got.introspection = await oidc.tokenIntrospection(config, tokens.access_token);
}
console.log(JSON.stringify(got));
process.exit(0);
