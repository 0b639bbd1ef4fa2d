// The pages, as plain HTML: they say everything without a script, and without a style sheet too.
import { kinds } from "./attempts.mjs";
import { html } from "./markup.mjs";

/** Open to everybody. */
export function publicPage() {
  return page(
    "An open page",
    html`<a class="button" href="/">The private page</a>`,
    html`
      <section class="card hero">
        <p class="eyebrow">Public</p>
        <h1>Anybody may read this</h1>
        <p class="lead">
          This path has the policy <code>public</code>: the edge asks for no session here and tells the application
          nothing about you, signed in or not.
        </p>
        <p><a class="button primary" href="/auth/login?return_to=/">Sign in</a></p>
      </section>
    `,
  );
}

/** Who the edge says is asking, the prepared cookies and what became of one, and every header that arrived. */
export function privatePage({ identity, headers, outcome }) {
  const signOut = html`
    <a class="button" href="/safe">The safe</a>
    <a class="button" href="/auth/account">Your devices</a>
    <form method="post" action="/auth/logout"><button class="button">Sign out</button></form>
  `;
  return page("Signed in", signOut, [whoIsAsking(identity), cookiesToTry(outcome), arrivedHeaders(headers)]);
}

function whoIsAsking(identity) {
  const name = identity?.["actor-id"];
  if (!name) {
    return html`
      <section class="card hero">
        <h1>Nobody said who you are</h1>
        <p class="lead">This request did not come through the edge. Open the edge's address instead.</p>
      </section>
    `;
  }
  return html`
    <section class="card hero">
      <p class="eyebrow">The edge says you are</p>
      <h1 class="${name.length > 24 && "long"}">${name}</h1>
      <p class="lead">
        It proved your cookie without asking anybody, and told this application with headers. The application holds no
        session code, and your cookie never reached it.
      </p>
      <dl class="facts">${facts(identity).map(fact)}</dl>
    </section>
  `;
}

function fact([label, value, note]) {
  return html`<div><dt>${label}</dt><dd>${value}${note && html` <span class="note">${note}</span>`}</dd></div> `;
}

/** Label, value and a note for each header of the edge; those we have no words for come last, by their own name. */
function facts(identity) {
  const known = [
    ["actor-type", "Actor type"],
    ["tenant", "Tenant"],
    ["authenticated-at", "Signed in", moment],
    ["expires-at", "Cookie good until", moment],
    ["revocation-age-ms", "Revocation checked", (value) => [`${value} ms ago`]],
    ["assurance", "Assurance"],
    ["session", "Session", (value) => [html`<code>${value}</code>`]],
    ["roles", "Roles"],
    ["assertion", "The edge's signature"],
  ];
  const names = new Set(["actor-id", ...known.map(([name]) => name)]);
  const rest = Object.keys(identity).filter((name) => !names.has(name)).map((name) => [name, `X-Sealgate-${name}`]);
  return [...known, ...rest]
    .filter(([name]) => identity[name])
    .map(([name, label, read]) => [label, ...(read ? read(identity[name]) : [identity[name]])]);
}

/** A time as people read it, and how far away it is. The edge writes seconds since 1970. */
function moment(value) {
  const at = new Date(Number(value) * 1000);
  if (Number.isNaN(at.getTime())) return [value];
  const seconds = Math.round((at - Date.now()) / 1000);
  const units = [[3600, "hour"], [60, "minute"], [1, "second"]];
  const [size, unit] = units.find(([size]) => Math.abs(seconds) >= 1.5 * size) ?? units.at(-1);
  const distance = new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / size), unit);
  return [html`<time datetime="${at.toISOString()}">${at.toISOString().slice(11, 19)} UTC</time>`, distance];
}

function cookiesToTry(outcome) {
  return html`
    <section class="card" aria-labelledby="try">
      <h2 id="try">Send a cookie to the edge</h2>
      <p>
        The origin has made these for you. The demonstration sends one through the edge, and reads the origin's request
        counter before and after.
      </p>
      <div class="kinds">
        ${kinds.map(
          ({ id, button, hint }) => html`
            <form method="post" action="/try/${id}#outcome">
              <button class="kind ${id}" ${outcome?.kind === id && html`aria-current="true"`}>
                <strong>${button}</strong> <span>${hint}</span>
              </button>
            </form>
          `,
        )}
      </div>
      <div id="outcome" role="status" aria-live="polite">${outcome && result(outcome)}</div>
    </section>
  `;
}

function result(outcome) {
  if (outcome.failure) {
    return html`<div class="outcome odd"><h3>That could not be tried</h3><p>${outcome.failure}</p></div>`;
  }
  const { passed, expected, status, code, says, milliseconds, before, after, explanation, cookie } = outcome;
  return html`
    <div class="outcome ${expected ? (passed ? "passed" : "refused") : "odd"}">
      <h3>${passed ? "Let through" : "Refused at the edge"}</h3>
      <p>${explanation}</p>
      ${pictureOf(cookie)}
      <dl class="facts">
        ${fact(["The edge's answer", html`${status} <code>${code}</code>`, says])}
        ${fact(["Requests the origin has seen", `${before} → ${after}`, noticed(after - before)])}
        ${fact(["Time", `${milliseconds} ms`, "there and back, in the development server"])}
      </dl>
    </div>
  `;
}

function noticed(count) {
  if (count === 0) return "the origin noticed nothing";
  return "the edge asked: is this session revoked?";
}

/** The cookie in its parts, with the bent character marked. */
function pictureOf({ version, kid, claims, mac, bentAt }) {
  const parts = [
    ["version", version],
    ["key", kid],
    ["claims", claims],
    ["seal", mac],
  ];
  let position = 0;
  const pictures = parts.map(([name, text]) => {
    const at = bentAt - position;
    position += text.length + 1;
    const shown = text ? marked(text, at) : html`<i>(not shown: it is a key to the door)</i>`;
    return html`<span class="part ${name}" title="${name}">${shown}</span>`;
  });
  return html`
    <figure class="cookie">
      <code>${pictures.map((picture, i) => (i ? html`<b>.</b>${picture}` : picture))}</code>
      <figcaption>
        ${parts.map(([name]) => html`<span class="part ${name}">${name}</span> `)}
        ${bentAt >= 0 && html`<span><mark>x</mark> the changed character</span>`}
      </figcaption>
    </figure>
  `;
}

function marked(text, at) {
  if (at < 0 || at >= text.length) return text;
  return html`${text.slice(0, at)}<mark>${text[at]}</mark>${text.slice(at + 1)}`;
}

function arrivedHeaders(headers) {
  const ours = (name) => name.toLowerCase().startsWith("x-sealgate-");
  const cookie = headers.some(([name]) => name.toLowerCase() === "cookie");
  const [added, others] = [headers.filter(([name]) => ours(name)), headers.filter(([name]) => !ours(name))];
  return html`
    <section class="card" aria-labelledby="arrived">
      <h2 id="arrived">What the application received</h2>
      <p>
        ${cookie
          ? "These headers are the edge's word for who you are. The cookies are the application's own: the edge took its out."
          : "These headers are the edge's word for who you are. No cookie came along: the edge took its own out."}
      </p>
      ${table(added, "ours")}
      <details>
        <summary>${others.length} more, from your browser and on the way</summary>
        ${table(others)}
      </details>
    </section>
  `;
}

function table(headers, kind) {
  return html`
    <table class="${kind}">
      <thead><tr><th scope="col">Header</th><th scope="col">Value</th></tr></thead>
      <tbody>${headers.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr> `)}</tbody>
    </table>
  `;
}

/** Behind a route that wants a recent sign-in. */
export function safePage({ identity }) {
  return page(
    "The safe",
    html`<a class="button" href="/">Back</a>`,
    html`
      <section class="card hero">
        <p class="eyebrow">Fresh</p>
        <h1>The safe is open</h1>
        <p class="lead">
          This path has the policy <code>fresh</code>: the edge lets through who signed in within the last minute, and
          sends everybody else to do so again. You did as <strong>${identity?.["actor-id"] ?? "nobody"}</strong>.
        </p>
      </section>
    `,
  );
}

/** For a path that leads nowhere. */
export function missingPage() {
  return page(
    "No such page",
    html`<a class="button" href="/">Home</a>`,
    html`
      <section class="card hero">
        <p class="eyebrow">404</p>
        <h1>There is no such page</h1>
        <p class="lead">The edge let you through, and the application has nothing at this address.</p>
      </section>
    `,
  );
}

function page(title, action, main) {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title} · sealgate</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/public/seal.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/public/style.css" />
        <script src="/public/enhance.js" defer></script>
      </head>
      <body>
        <header>
          <a class="brand" href="/public"><img src="/public/seal.svg" alt="" width="26" height="26" /> sealgate</a>
          <span class="note aside">a demonstration</span>
          <nav aria-label="Account">${action}</nav>
        </header>
        <main>${main}</main>
      </body>
    </html> `;
  return document.toString();
}
