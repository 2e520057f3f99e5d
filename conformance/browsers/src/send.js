// Makes calls, one after the other, and returns what a script sees of each.

async function byFetch(call) {
    const response = await fetch(call.url, {
        method: call.method,
        headers: call.headers,
        credentials: call.credentials,
        body: call.body,
        cache: call.cache,
        redirect: "manual",
    });
    return [response.status, [...response.headers.keys()]];
}

function byXmlHttpRequest(call) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open(call.method, call.url);
        request.withCredentials = call.credentials === "include";
        for (const [name, value] of call.headers) {
            request.setRequestHeader(name, value);
        }
        request.upload.addEventListener("progress", () => {});
        request.onerror = () => reject(new TypeError("network error"));
        request.onload = () => {
            const lines = request.getAllResponseHeaders().split("\r\n").filter(Boolean);
            resolve([request.status, lines.map((line) => line.split(":")[0])]);
        };
        request.send(call.body);
    });
}

async function send(calls) {
    const seen = [];
    for (const call of calls) {
        try {
            const send = call.upload_listener ? byXmlHttpRequest : byFetch;
            const [status, names] = await send(call);
            seen.push([status, [...new Set(names)].sort()]);
        } catch (error) {
            if (!(error instanceof TypeError)) throw error;
            seen.push(null);
        }
    }
    return seen;
}
