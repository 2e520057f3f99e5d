// The frames that send: the same small page, loaded from each origin.

import { byId, el } from "/dom.js";

const frames = new Map();
const waiting = new Map();
let count = 0;

export function open(origins) {
  addEventListener("message", receive);
  return Promise.all(origins.map(openOne));
}

// What a script of that origin saw of the call.
export function send(originId, call) {
  const frame = frames.get(originId);
  const id = ++count;
  return new Promise((resolve) => {
    const timer = setTimeout(() => answer(id, { error: "no answer within 15 seconds" }), 15_000);
    waiting.set(id, { frame, resolve, timer });
    frame.window.postMessage({ nonce: frame.nonce, id, call }, frame.target);
  });
}

function openOne(origin) {
  const nonce = [...crypto.getRandomValues(new Uint32Array(4))].map((word) => word.toString(36)).join("-");
  const iframe = el("iframe", {
    title: `Sends requests from ${origin.origin}`,
    src: `${origin.frame}#${nonce}`,
    sandbox: origin.sandboxed ? "allow-scripts" : null,
    tabindex: -1,
  });
  return new Promise((ready) => {
    byId("frames").append(iframe);
    frames.set(origin.id, {
      nonce,
      ready,
      window: iframe.contentWindow,
      origin: origin.origin,
      // An opaque origin can't be named; the nonce is in the frame's own address alone.
      target: origin.sandboxed ? "*" : origin.origin,
    });
  });
}

function receive(event) {
  const frame = [...frames.values()].find(({ window }) => window === event.source);
  if (!frame || event.origin !== frame.origin || event.data?.nonce !== frame.nonce) return;
  if (event.data.ready) frame.ready();
  else if (waiting.get(event.data.id)?.frame === frame) answer(event.data.id, event.data.seen);
}

function answer(id, seen) {
  const call = waiting.get(id);
  if (!call) return;
  waiting.delete(id);
  clearTimeout(call.timer);
  call.resolve(seen);
}
