// better-auth as both benchmarks have it, and the cookie that it knows a session by.
import { createHmac } from "node:crypto";

import { betterAuth } from "better-auth";

export const SECRET = "an0therSecretOfTheBenchmarkAlone-9f2c41d7";

export function configure({ database, basePath, cookieCache }) {
  return betterAuth({
    basePath,
    baseURL: "http://localhost",
    secret: SECRET,
    database,
    session: { cookieCache },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
}

export function sessionCookie({ token }) {
  const mac = createHmac("sha256", SECRET).update(token).digest("base64");
  return `better-auth.session_token=${encodeURIComponent(`${token}.${mac}`)}`;
}
