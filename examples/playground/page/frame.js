// Sends what the page asks for, from the origin that this frame has, and says what a script saw.
"use strict";

const page = document.documentElement.dataset.page;
const nonce = location.hash.slice(1);

addEventListener("message", async (event) => {
  if (event.origin !== page || event.source !== parent || event.data?.nonce !== nonce) return;
  const { id, call } = event.data;
  const seen = await send(call);
  parent.postMessage({ nonce, id, seen }, page);
});
parent.postMessage({ nonce, ready: true }, page);

async function send(call) {
  try {
    return await (call.upload ? byXmlHttpRequest(call) : byFetch(call));
  } catch (error) {
    return { threw: String(error) };
  }
}

async function byFetch(call) {
  const init = { method: call.method, headers: call.headers, credentials: call.credentials };
  if (call.body === "stream") {
    if (!canStream()) return { skipped: "this browser sends no streams" };
    init.body = new Blob([call.text]).stream();
    init.duplex = "half";
  } else {
    init.body = bodyOf(call);
  }
  // What throws here throws before anything is sent.
  const request = new Request(call.url, init);
  let response;
  try {
    response = await fetch(request, { signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    return { error: String(error) };
  }
  const text = await response.text().catch(String);
  return { status: response.status, headers: [...response.headers], text: text.slice(0, 2000) };
}

function byXmlHttpRequest(call) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(call.method, call.url);
    request.timeout = 10_000;
    request.withCredentials = call.credentials === "include";
    for (const [name, value] of call.headers) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", () => {});
    request.onerror = () => resolve({ error: "the error event of XMLHttpRequest" });
    request.ontimeout = () => resolve({ error: "the timeout event of XMLHttpRequest" });
    request.onload = () => {
      const lines = request.getAllResponseHeaders().split("\r\n").filter(Boolean);
      const headers = lines.map((line) => [
        line.slice(0, line.indexOf(":")),
        line.slice(line.indexOf(":") + 1).trim(),
      ]);
      resolve({ status: request.status, headers, text: request.responseText.slice(0, 2000) });
    };
    request.send(bodyOf(call));
  });
}

function bodyOf(call) {
  if (call.body === "none") return undefined;
  return call.body === "form" ? new URLSearchParams(call.text) : call.text;
}

// A browser that knows no streamed bodies takes one for the text "[object ReadableStream]".
function canStream() {
  let asked = false;
  const request = new Request(location.href, {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      asked = true;
      return "half";
    },
  });
  return asked && !request.headers.has("content-type");
}
