// A policy and a request in a link's fragment, which no browser sends to a server. Whoever opens it
// sees them before anything is applied or sent.

import { byId } from "/dom.js";

const LONGEST = 32_768;
const ORIGIN = /^https?:\/\/[a-z0-9.:[\]-]{1,260}$/;

export function start(state, { read, write }) {
  const open = () => {
    if (!location.hash.startsWith("#share=")) return;
    const fragment = location.hash.slice(7);
    // A page that is loaded anew shows what is applied.
    history.replaceState(null, "", location.pathname);
    write(received(fragment, state.origins));
  };
  byId("share").addEventListener("click", async () => {
    const link = `#share=${encoded({ ...read(), origins: state.origins.map(({ id, origin }) => [id, origin]) })}`;
    if (link.length > LONGEST) return note("Too long for a link.");
    history.replaceState(null, "", link);
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    note(copied ? "The link is copied, and stands in the address bar." : "The link stands in the address bar.");
  });
  addEventListener("hashchange", open);
  open();
}

export function note(text) {
  byId("share-state").textContent = text;
}

function encoded(content) {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// What a link holds; null if it is none that a playground makes.
function received(fragment, origins) {
  try {
    if (fragment.length > LONGEST) return null;
    const text = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const { policy, request } = content;
    if (typeof policy !== "string" || typeof request !== "object" || request === null) return null;
    return { policy: atHome(policy, content.origins, origins), request };
  } catch {
    return null;
  }
}

// The sender's pages have other ports. In one pass, so that no link can make a text grow.
function atHome(policy, theirs, ours) {
  if (!Array.isArray(theirs)) return policy;
  const home = new Map(ours.map(({ id, origin }) => [id, origin]));
  const moved = new Map();
  for (const pair of theirs) {
    const [id, origin] = Array.isArray(pair) ? pair : [];
    if (!home.has(id) || typeof origin !== "string" || !ORIGIN.test(origin)) continue;
    moved.set(origin, home.get(id));
    home.delete(id);
  }
  if (moved.size === 0) return policy;
  const longestFirst = [...moved.keys()].sort((one, other) => other.length - one.length);
  const patterns = longestFirst.map((origin) => origin.replaceAll(/[.[\]]/g, "\\$&"));
  // An origin that only begins like one of theirs is another one.
  const whole = new RegExp(`(?:${patterns.join("|")})(?![\\w-]|[.:][\\w*])`, "g");
  return policy.replaceAll(whole, (origin) => moved.get(origin));
}
