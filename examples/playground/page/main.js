// The page: a policy, a request, and what the browser made of it.

import { ask, byId, el, tell } from "/dom.js";
import * as editor from "/editor.js";
import * as frames from "/frames.js";
import * as request from "/request.js";
import * as results from "/results.js";
import * as share from "/share.js";

addEventListener("unhandledrejection", ({ reason }) => {
  byId("lost").hidden = false;
  byId("lost").textContent = `The playground gave no answer (${reason?.message ?? reason}). If it was ended, start it again, and load the page that it prints.`;
});

const state = await ask("/api/state");

for (const { name, url } of state.servers) {
  byId("servers").append(el("li", null, el("b", null, name), " ", el("span", null, url.replace("http://", ""))));
}

editor.start(state, {
  applied: () => request.refresh(),
  edited: (isDraft) => {
    byId("draft-note").hidden = !isDraft;
  },
});
request.start(state);
// Another tab may have applied a policy meanwhile.
addEventListener("focus", async () => {
  editor.runs((await ask("/api/state")).policy);
  byId("lost").hidden = true;
  await request.refresh();
});
share.start(state, {
  read: () => ({ policy: editor.draft(), request: request.form() }),
  write: (received) => {
    if (received === null) return share.note("The link holds no policy and request of a playground.");
    editor.write(received.policy);
    request.fill(received.request);
    share.note("From a link: nothing is applied or sent before you do it.");
  },
});
await frames.open(state.origins);

byId("request-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sendFrom([request.origin()]);
});
byId("send-all").addEventListener("click", () => sendFrom(state.origins));
document.documentElement.dataset.ready = "";

let calls = 0;

async function sendFrom(origins) {
  const buttons = [byId("send"), byId("send-all")];
  buttons.forEach((button) => (button.disabled = true));
  byId("results-state").textContent = "Sending";
  try {
    const runs = [];
    for (const origin of origins) runs.push(await run(origin));
    results.show(runs);
  } catch (error) {
    byId("results-state").textContent = `Could not be sent: ${error.message}`;
  } finally {
    buttons.forEach((button) => (button.disabled = false));
  }
}

// One call, from one origin to each server, with a number of its own: so no browser has an answer
// to its preflight yet, and the servers' notes of it can be found.
async function run(origin) {
  const call = request.read();
  const id = `${Date.now().toString(36)}-${++calls}`;
  const prediction = await tell("/api/predict", request.forModel(call, origin.origin));
  const seen = await Promise.all(
    state.servers.map((server) => frames.send(origin.id, request.forFrame(call, server.url, id))),
  );
  const exchanges = await ask(`/api/exchanges?call=${encodeURIComponent(id)}`);
  return { origin, call, servers: state.servers, prediction, seen, exchanges };
}
