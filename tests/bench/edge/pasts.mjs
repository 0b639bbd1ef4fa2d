// What happened at an origin before its door is asked for the first time.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const [REVOKED, SIGNED_OUT] = [100_000, 1_000];
const MINUTE_MS = 60_000;
const AT_ONCE = 8;

/** By the name of the site. Each starts the origin, which keeps everything in `folder`, and answers it. */
export const PASTS = {
  quiet: (start) => start(),
  /** A hundred thousand sessions were revoked one by one, none of them in the last minute, and all would still be alive. */
  async revoked(start, folder) {
    await (await start()).stop();
    insertRevoked(join(folder, "sealgate.db"), REVOKED);
    return start();
  },
  /** A thousand people signed out everywhere. */
  async marked(start) {
    const origin = await start();
    await signOutMany(origin);
    return origin;
  },
};

/**
 * By the back door: through the API they would take a quarter of an hour. Not in the last minute, since edges are told of
 * what happened in it twice a second.
 */
function insertRevoked(file, count) {
  const database = new DatabaseSync(file);
  database.exec("pragma busy_timeout = 5000; begin immediate");
  const { value } = database.prepare("select value from counters where name = 'revocations'").get();
  const insert = database.prepare(
    "insert into revocations (sequence, kind, tenant, session, created_at, expires_at) " +
      "values (?, 'session', 'demo', ?, ?, ?)",
  );
  const now = Date.now();
  const time = (at) => new Date(at).toISOString();
  for (let number = 1; number <= count; number++) {
    const session = `ses-${randomBytes(16).toString("base64url")}`;
    // Over half an hour, and each for half an hour more at the least.
    const createdAt = now - 2 * MINUTE_MS - (1 - number / count) * 30 * MINUTE_MS;
    insert.run(value + number, session, time(createdAt), time(now + (30 + (number % 30)) * MINUTE_MS));
  }
  database.prepare("update counters set value = ? where name = 'revocations'").run(value + count);
  database.exec("commit");
  database.close();
}

async function signOutMany(origin) {
  let next = 0;
  const client = async () => {
    while (next < SIGNED_OUT) {
      const { status } = await origin.ask("DELETE", `/v1/actors/user/somebody-${next++}/sessions`);
      if (status !== 200) throw new Error(`signing out answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}
