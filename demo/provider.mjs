// An OpenID provider to sign in with: npm's oidc-provider with its own pages for signing in and consenting, where any name
// and any password will do. For development and tests only.
//
// PROVIDER_CLIENTS has the metadata of those who may ask it, a JSON array. It says where it is when it listens. `POST
// /rotate-keys` makes it sign with a new key and forget the old one. PROVIDER_KEY is the first, a private JSON Web Key; one that
// is posted is the next.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";

const { PROVIDER_PORT = "8791", PROVIDER_CLIENTS = "[]", PROVIDER_KEY } = process.env;
const clients = JSON.parse(PROVIDER_CLIENTS);

// It warns, from when it is loaded, of what it is only good for in development.
console.warn = () => {};
const { default: Provider } = await import("oidc-provider");

const cookieKeys = [randomBytes(32).toString("base64url")];
const server = createServer();
server.listen(Number(PROVIDER_PORT), "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
let answer = makeProvider(PROVIDER_KEY).callback();

server.on("request", async (request, response) => {
  if (request.method === "POST" && request.url === "/rotate-keys") {
    // What people have here, sessions and consent, is kept by the module and stays.
    answer = makeProvider(await text(request)).callback();
    response.end();
  } else {
    answer(request, response);
  }
});
console.log(`provider: ${issuer}`);

/** The provider with that key, or with one of its own. */
function makeProvider(key) {
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys: [key ? JSON.parse(key) : makeKey()] },
    cookies: { keys: cookieKeys },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    // In ID tokens too, so that nobody has to ask for them again.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
    ttl: { Session: 86_400, Grant: 86_400, Interaction: 600, AccessToken: 300, IdToken: 300 },
    // Sites are on this machine, to which it would not talk otherwise.
    fetch: tell,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => describe(sub) }),
  });
  const complain = (kind) => (_, error) => console.error(`${kind}: ${error.error_detail ?? error.error_description ?? error}`);
  for (const kind of ["server_error", "backchannel.error", "grant.error"]) provider.on(kind, complain(kind));
  return provider;
}

/** Sends a logout token to a site, under whatever name under localhost. */
function tell(url, { method, headers, body, signal }) {
  const lookup = (_, options, found) => found(null, options.all ? [{ address: "127.0.0.1", family: 4 }] : "127.0.0.1", 4);
  const text = String(body);
  const sent = { ...Object.fromEntries(headers), "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: sent, signal, lookup }, (response) => {
      response.resume();
      resolve({ status: response.statusCode });
    });
    request.on("error", reject).end(text);
  });
}

/** What is said of somebody with that name. */
function describe(name) {
  const groups = name.startsWith("admin") ? ["staff", "admins"] : ["staff"];
  return { sub: name, name, email: `${name}@example.test`, email_verified: true, groups };
}

function makeKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: randomBytes(8).toString("hex") };
}
