// The one way to the server: ETags, problems, idempotency keys.

const known = new Map();
let token = null;

/** What the server says went wrong; `detail` says what to do. */
export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || body.title || `The server answered ${status}`);
    Object.assign(this, {
      type: (body.type ?? "").replace("urn:freshet:problem:", ""),
      title: body.title,
      status,
      nearest: body.nearest,
    });
  }
}

/** The earliest position of the event stream among the answers since `restart`; listening from there misses nothing. */
export const position = {
  value: null,
  restart() {
    this.value = null;
  },
};

export const setToken = (value) => {
  token = value;
};

/** A key as one path segment. */
export const segment = (key) => encodeURIComponent(key.replaceAll("/", ":")).replaceAll("%3A", ":");

export function address(path, query) {
  const found = Object.entries(query ?? {}).filter(([, v]) => v !== undefined && v !== null && v !== "" && v !== false);
  return `/api/v1${path}${found.length ? `?${new URLSearchParams(found)}` : ""}`;
}

async function problem(answer) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    /* a proxy's page */
  }
  return new Problem(body, answer.status);
}

async function ask(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(
      { type: "unreachable", title: "No answer", detail: "Freshet does not answer. Is the daemon up?" },
      0,
    );
  }
}

/** Reads a resource; one that is as it was comes from memory. */
export async function get(path, query, signal) {
  const url = address(path, query),
    before = known.get(url);
  const answer = await ask(url, { signal, headers: before ? { "If-None-Match": before.tag } : {} });
  const sequence = answer.headers.get("Freshet-Sequence");
  if (sequence) position.value = Math.min(position.value ?? Infinity, Number(sequence));
  if (answer.status === 304) {
    const at = answer.headers.get("Freshet-Time"); // What is as it was ages all the same.
    if (at && before.body.at) before.body.at = at;
    return before.body;
  }
  if (!answer.ok) throw await problem(answer);
  const body = await answer.json(),
    tag = answer.headers.get("ETag");
  if (tag) {
    known.delete(url);
    known.set(url, { tag, body });
    if (known.size > 60) known.delete(known.keys().next().value);
  }
  return body;
}

/** Asks for an effect, or for an answer that is too large a question for an address. */
export async function post(path, body = {}, { key, query } = {}) {
  const headers = { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  if (token) headers["X-CSRF-Token"] = token;
  const answer = await ask(address(path, query), { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw await problem(answer);
  return answer.status === 204 ? null : answer.json();
}

export async function remove(path) {
  const answer = await ask(address(path), { method: "DELETE", headers: token ? { "X-CSRF-Token": token } : {} });
  if (!answer.ok) throw await problem(answer);
}

/** A key for one intention: a second click on the same button is the same request. */
export const intention = () =>
  crypto.randomUUID?.() ??
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
