// Runs in a page of another origin, as text: a browser has no import of ours. What came of each attempt.

/** @param {{ readonly target: string, readonly key: string }} given the address of the cloud, and even its key */
async function attackFrom({ target, key }) {
  const body = JSON.stringify({
    action: "CreateOpenIDConnectProvider",
    parameters: { Url: "https://evil.example", ClientIDList: ["planted"] },
  });
  const url = `${target}/_rolecall/console/iam`;
  const refused = () => "refused";
  const headers = { "x-rolecall-key": key, "content-type": "application/json" };
  /** @param {Response} response */
  const read = (response) => (response.type === "opaque" ? "opaque" : `read ${response.status}`);
  const frame = document.createElement("iframe");
  frame.src = `${target}/_rolecall/console`;
  const loaded = new Promise((resolve) => {
    frame.addEventListener("load", resolve);
  });
  document.body.append(frame);
  await loaded;
  const following = /** @type {Promise<string>} */ (
    new Promise((resolve) => {
      const source = new EventSource(`${target}/_rolecall/exchanges`);
      source.addEventListener("open", () => (source.close(), resolve("open")));
      source.addEventListener("error", () => (source.close(), resolve("refused")));
    })
  );
  return {
    "fetch with the key": await fetch(url, { method: "POST", headers, body }).then(read, refused),
    "fetch without asking first": await fetch(url, { method: "POST", mode: "no-cors", body }).then(read, refused),
    "read the account": await fetch(`${target}/_rolecall/console/account`, { headers }).then(read, refused),
    "follow the exchanges": await following,
    "read the page": await fetch(`${target}/_rolecall/console`).then(read, refused),
    frame: frame.contentDocument === null && frames[0]?.length === 0 ? "empty" : "shown",
  };
}

Object.assign(globalThis, { attackFrom });
