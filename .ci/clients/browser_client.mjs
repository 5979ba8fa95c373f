// Pages in a headless Chromium that call a local stack with API keys, which allows one of their origins: the stack's
// URL is the argument. The checks of the pages are in browser_page.mjs.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = process.argv[2];
const port = 18090; // of the origin that `run` allows
const packages = resolve(process.env.CLIENT_PACKAGES, "node_modules");
const script = fileURLToPath(new URL("browser_page.mjs", import.meta.url));
const version = spawnSync("chromium", ["--version"], { encoding: "utf8" }).stdout?.trim();
assert.ok(version, "chromium does not start");
console.log(version);

let failed = 0;

function check(what, condition) {
  failed += condition ? 0 : 1;
  console.log(`${(condition ? "ok" : "FAILED").padEnd(7)} browser       ${what}`);
}

let received;

const server = createServer((request, response) => {
  const path = new URL(request.url, "http://page").pathname;
  if (request.method === "POST") {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      response.end();
      received(JSON.parse(body));
    });
  } else if (path === "/") {
    response.writeHead(200, { "content-type": "text/html" });
    response.end('<!doctype html><script type="module" src="/page.mjs"></script>');
  } else {
    const file = path === "/page.mjs" ? script : join(packages, normalize(path));
    try {
      const content = readFileSync(file);
      response.writeHead(200, { "content-type": "text/javascript" });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
});
await new Promise((listening) => server.listen(port, "127.0.0.1", listening));

/** Opens the page, and returns its checks, by name. */
async function results(origin, page) {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const { BROWSER_KEY, BROWSER_THROTTLED_KEY } = process.env;
  const query = new URLSearchParams({ page, root, key: BROWSER_KEY, throttled: BROWSER_THROTTLED_KEY });
  const browser = spawn(
    "chromium",
    ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
      .concat(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
      .concat([`--user-data-dir=${profile}`, `${origin}/?${query}`]),
    { stdio: "ignore", detached: true },
  );
  try {
    return await new Promise((done, fail) => {
      received = done;
      browser.on("exit", (code) => fail(new Error(`chromium ended with ${code}`)));
      setTimeout(() => fail(new Error("the page has not reported its checks")), 120_000);
    });
  } finally {
    const ended = new Promise((exited) => browser.on("exit", exited));
    process.kill(-browser.pid, "SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

for (const [origin, page] of [
  [`http://localhost:${port}`, "allowed"],
  [`http://127.0.0.1:${port}`, "other"],
]) {
  const checks = await results(origin, page);
  check(`the page of ${page === "allowed" ? "the allowed" : "another"} origin made its checks`, checks.length > 0);
  checks.forEach(({ what, ok, found }) => check(ok ? what : `${what}: ${found}`, ok));
}

/** The records of a page's user, once there are enough of them; they take a moment to be stored. */
async function records(user, enough) {
  for (let i = 0; i < 100; i++) {
    const found = (await (await fetch(`${root}/audit?user_id=${user}`)).json()).records;
    if (found.length >= enough) {
      return found;
    }
    await new Promise((later) => setTimeout(later, 200));
  }
  return [];
}

const ofPage = await records("allowed-page", 2);
check("the requests of the allowed page are in the trail, with the name of its key", ofPage.length === 2 && ofPage.every((it) => it.identity === "page"));
check("no request of the other page reached the model", (await records("other-page", 0)).length === 0);
server.close();
process.exit(failed ? 1 : 0);
