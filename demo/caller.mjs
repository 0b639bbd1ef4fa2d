// Who asks. With a secret that only the edge and this server have, from the assertion that the edge signs
// (docs/APPLICATIONS.md); without one, from plain headers, which are to be believed only because nobody but the edge can
// reach this server: it listens on loopback.
import { jwtVerify } from "jose";

const { SEALGATE_UPSTREAM_SECRET = "" } = process.env;
const secret = Buffer.from(SEALGATE_UPSTREAM_SECRET, "base64url");
if (SEALGATE_UPSTREAM_SECRET && secret.length !== 32) {
  throw new Error("SEALGATE_UPSTREAM_SECRET must be 32 bytes in base64url");
}
// wrangler.toml has two tenants that are served from here.
const audience = ["demo", "other"];
const shape = { algorithms: ["HS256"], issuer: "sealgate", audience, requiredClaims: ["exp"], clockTolerance: 5 };

/** The edge's word for who asks: { session: "ses-…", tenant: "demo", … }. Rejects what the edge has not signed. */
export async function whoAsks(headers) {
  const ours = Object.entries(headers).filter(([name]) => name.startsWith("x-sealgate-"));
  const { assertion = "", ...told } = Object.fromEntries(ours.map(([name, value]) => [name.slice(11), value]));
  if (!SEALGATE_UPSTREAM_SECRET) return told;
  const { payload } = await jwtVerify(assertion, secret, shape);
  return {
    session: payload.sid,
    tenant: payload.tenant,
    "actor-type": payload.actor_type,
    "actor-id": payload.sub,
    assurance: String(payload.assurance),
    roles: payload.roles.join(", "),
    "authenticated-at": payload.auth_time,
    // These two say nothing of who asks.
    "expires-at": told["expires-at"],
    "revocation-age-ms": told["revocation-age-ms"],
    assertion: "checked",
  };
}
