// The console in a headless Chromium, in front of an API with 100,000 records:
//
//     node browser.mjs URL PORT     the URL that the console printed, and the port at which it expects the API

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { startFakeApi } from "./fake_api.mjs";
import { newRecord } from "./fake_records.mjs";
import { check, end, group, isAccessible, launch, open, rows, send, shoot } from "./harness.mjs";
import { PAYLOADS } from "./payloads.mjs";

const [url, port] = process.argv.slice(2);
const origin = new URL(url).origin;

const SENTENCE =
  "A skein is a flight of geese in the shape of a V. Each bird flies in the upwash of the one ahead, which saves strength, and the leader changes often. On the ground the same birds are a gaggle.";

const { state, close } = await startFakeApi(Number(port));
const browser = await launch(url);
console.log(`Chromium ${browser.version()}, ${state.all.length} records`);

async function filterBy(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`#trail-filters [name=${name}]`);
    await (name === "range" ? field.selectOption(value) : field.fill(value));
  }
  const response = page.waitForResponse((it) => it.url().includes("/audit?"));
  await page.click("#trail-filters [type=submit]");
  await (await response).finished();
  await page.waitForFunction(() => document.querySelector("#trail-status").textContent !== "Loading records …");
}

// Each view, light and dark

for (const scheme of ["light", "dark"]) {
  await group(`the views, ${scheme}`, { colorScheme: scheme }, async (page) => {
    await isAccessible(page, `chat without messages, ${scheme}`);
    await send(page, SENTENCE);
    await send(page, "problem: model-rate-limited");
    await isAccessible(page, `chat with a reply and an error, ${scheme}`);
    await page.reload();
    await page.fill("#chat-options [name=user_id]", "alice");
    await send(page, "What is a skein of geese?");
    await send(page, "And why does the leader change?");
    await page.locator("#chat-title").focus();
    await shoot(page, `chat-${scheme}`);

    await open(page, "#/trail", "#trail-rows tbody tr");
    await isAccessible(page, `trail, ${scheme}`);
    await shoot(page, `trail-${scheme}`);
    await rows(page).nth(4).locator("button").click();
    await page.locator("#record[open]").waitFor();
    await isAccessible(page, `a record, ${scheme}`);
    await shoot(page, `record-${scheme}`);
    await page.keyboard.press("Escape");
    await open(page, "#/trail?user_id=nobody", "#trail-rows .empty");
    await isAccessible(page, `trail without records, ${scheme}`);

    await open(page, "#/charts?range=7d", ".tiles");
    await page.waitForFunction(() => document.querySelectorAll(".plot canvas").length === 6);
    await isAccessible(page, `charts, ${scheme}`);
    await page.locator("#charts-title").focus();
    await page.setViewportSize({ width: 1280, height: 1010 });
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    await shoot(page, `charts-${scheme}`);
    await page.locator(".figures summary").first().click();
    await isAccessible(page, `charts with a table, ${scheme}`);
    await open(page, "#/charts?user_id=nobody", "#charts-body .empty");
    await isAccessible(page, `charts without records, ${scheme}`);
  });
}

// Chat

await group("chat", {}, async (page) => {
  const reply = await send(page, SENTENCE);
  check("a stream is shown in full", (await reply.locator(".text").innerText()) === SENTENCE);
  const facts = (await reply.locator(".meta .facts").innerText()).replace(/\s+/g, " ");
  for (const fact of ["Model gpt-6-luna", "Tokens 52 + 48", "Cost $0.0000292", "First token", "Total"]) {
    check(`its end says ${fact}`, facts.includes(fact), facts);
  }
  await page.locator("[name=stream]").uncheck();
  const whole = await send(page, "Hello");
  check("a whole reply says what was tried", (await whole.innerText()).includes("gpt-6-luna ok"));
  await page.locator("[name=stream]").check();

  const failure = await send(page, "problem: model-rate-limited");
  const problem = (await failure.locator(".problem").innerText()).replace(/\s+/g, " ");
  for (const part of ["429", "Type urn:skein:problem:model-rate-limited", "Retry after 7 s", "Tried gpt-6-luna model-rate-limited x3", "Request ID", "Audit ID"]) {
    check(`an error says ${part}`, problem.includes(part), problem);
  }
  check("an error can be tried again", await failure.getByRole("button", { name: "Try again" }).isVisible());
  const cut = await send(page, "one CUT two");
  check("a stream that ends without its end is an error, below what has arrived", (await cut.innerText()).includes("The reply was cut off") && (await cut.locator(".text").innerText()).startsWith("one"));

  await page.fill("#chat-text", "word ".repeat(2000));
  await page.click("#chat-send");
  await page.waitForFunction(() => document.querySelector(".exchange:last-child .text").textContent.length > 50);
  await page.click("#chat-stop");
  await page.locator("#chat-send:enabled").waitFor();
  check("a stream can be stopped, and its cost is unknown", /Stopped after\s.*Cost\s+unknown/s.test(await page.locator(".exchange").last().locator(".meta").innerText()));
  for (let i = 0; i < 100 && state.lastChatEnded === null; i++) {
    await page.waitForTimeout(50);
  }
  check("the API sees that it was stopped", state.lastChatEnded !== null && state.lastChatEnded < 1999, state.lastChatEnded);

  await page.fill("#chat-options [name=key]", "sk-of-the-page");
  await page.fill("#chat-options [name=temperature]", "0.5");
  await page.fill("#chat-options [name=system]", "Be brief.");
  await page.selectOption("#chat-options [name=model]", "llama3.2");
  const request = page.waitForRequest((it) => it.url().endsWith("/chat"));
  await send(page, "Hello");
  const body = (await request).postDataJSON();
  assert.deepEqual(body, { message: "Hello", model: "llama3.2", system: "Be brief.", temperature: 0.5, stream: true });
  check("the settings are sent, and the key as a bearer token", state.seen.at(-1).headers.authorization === "Bearer sk-of-the-page");
  check("the key is stored nowhere", !(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]))).includes("sk-of"));

  await page.locator("#chat-options [name=key]").pressSequentially("\u200b!");
  const exchanges = await page.locator(".exchange").count();
  await page.fill("#chat-text", "Hello");
  await page.click("#chat-send");
  check("a key that cannot be sent is said to be, and is not sent", (await page.locator("#key-hint").innerText()).includes("U+200B") && (await page.locator(".exchange").count()) === exchanges);
  await page.fill("#chat-options [name=key]", "sk-of-the-page");
  check("and another key can be", (await page.locator("#key-hint").innerText()).includes("memory only") && (await (await send(page, "Hello")).locator(".text").innerText()) === "Hello");

  await page.locator("[name=stream]").uncheck();
  await page.route(`${origin}/chat`, (it) => it.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  const unreadable = await send(page, "Hello");
  check("a reply that is no JSON cannot be read, and was not cut off", (await unreadable.locator(".problem").innerText()).includes("The reply cannot be read"));
  await page.unroute(`${origin}/chat`);

  await page.getByText("Analyze", { exact: true }).click();
  const analysis = await send(page, "The release is excellent.");
  check("an analysis has its parts, and an unknown cost", /Sentiment\s+positive[^]*Cost\s+unknown/.test(await analysis.innerText()));
  await page.getByText("Summaries", { exact: true }).click();
  const summaries = await send(page, "first text\n\nsecond text\n\nthird text");
  check("summaries are listed, with an error for one", (await summaries.locator("li").count()) === 3 && (await summaries.locator("li .bad-text").count()) === 1);
  const long = `${"a".repeat(32_000)}\n\n${"b".repeat(32_000)}`;
  await page.locator("#chat-text").focus();
  await page.keyboard.insertText(long);
  check("long texts are not cut", (await page.inputValue("#chat-text")) === long);
  await page.locator(".record-link").first().click();
  await rows(page).first().waitFor();
  check("a reply leads to its record", (await rows(page).count()) === 1);

  const models = [{ id: "gpt-6-luna" }, { id: "chats-about-embeddings" }, { id: "vectors", skein_api: "embeddings" }];
  await page.route("**/v1/models", (it) => it.fulfill({ json: { object: "list", data: models } }));
  await page.goto(`${origin}/#/chat`);
  await page.reload();
  await page.waitForFunction(() => document.querySelector("[name=model]").options.length > 1);
  const choices = await page.locator("#chat-options [name=model] option").allTextContents();
  check("the models to choose from are those that chat, whatever their IDs", choices.join() === "Default,gpt-6-luna,chats-about-embeddings", choices);
  await page.fill("#chat-options [name=key]", "\u200b!");
  await isAccessible(page, "a key that cannot be sent");
});

// Trail

await group("trail", {}, async (page) => {
  const ofAlice = state.all.filter((it) => it.user_id === "alice");
  await open(page, "#/trail", "#trail-rows tbody tr");
  check("a page has 50 records", (await rows(page).count()) === 50);
  check("the sums of a page have its cost, and how many records they lack", /tokens( \+ \d+ unknown)? · \$[\d.]+ \+ \d+ unknown · p50/.test(await page.locator("#trail-status").innerText()), await page.locator("#trail-status").innerText());
  await filterBy(page, { user_id: "alice" });
  check("a filter is in the address", page.url().includes("user_id=alice"));
  check("only the user's records are shown", (await rows(page).locator("td:nth-child(4)").allInnerTexts()).every((it) => it === "alice"));
  const first = await rows(page).first().innerText();
  await page.click("#trail-older");
  await page.waitForFunction((text) => document.querySelector("#trail-page").textContent === text, "Page 2");
  check("the next page has other records", (await rows(page).first().innerText()) !== first);
  await page.click("#trail-newer");
  await page.waitForFunction((text) => document.querySelector("#trail-page").textContent === text, "Page 1");
  check("and the page before has the same", (await rows(page).first().innerText()) === first);

  const shows = (text) => page.waitForFunction((it) => document.querySelector("#trail-page").textContent === it, text);
  const twice = (id) => page.evaluate((it) => [1, 2].forEach(() => document.querySelector(it).click()), id);
  const at = () => rows(page).first().innerText();
  await twice("#trail-older");
  await shows("Page 2");
  const second = await at();
  await page.click("#trail-older");
  await shows("Page 3");
  const third = await at();
  check("two quick clicks on Older show the next page, and each page after it is another one", new Set([first, second, third]).size === 3);
  await twice("#trail-newer");
  await shows("Page 2");
  check("two quick clicks on Newer show the page before", (await at()) === second);
  await page.route("**/audit?*", (it) => it.fulfill({ status: 503, json: { title: "Not now", status: 503 } }));
  await page.click("#trail-newer");
  await page.locator("#trail-problem .problem").waitFor();
  await page.unroute("**/audit?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await shows("Page 1");
  check("a page that failed can be tried again", (await at()) === first);
  await page.locator("#trail-older").focus();
  await page.keyboard.press("Enter");
  await shows("Page 2");
  await page.keyboard.press("Enter");
  await shows("Page 3");
  check("Enter goes on paging", (await at()) === third);
  await filterBy(page, { status: "503", error: "model-unavailable", model: "gpt-6-luna", identity: "batch" });
  const expected = ofAlice.filter((it) => it.status === 503 && it.model === "gpt-6-luna" && it.identity === "batch").length;
  check("filters can be combined", (await rows(page).count()) === Math.min(expected, 50), `${await rows(page).count()} of ${expected}`);
  await page.click("#trail-filters [type=reset]");
  await page.waitForFunction(() => !location.hash.includes("?") && document.querySelectorAll("#trail-rows tbody tr").length === 50);
  check("filters can be cleared", true);
  await filterBy(page, { range: "1h" });
  const hour = state.all.filter((it) => Date.parse(it.timestamp) > Date.now() - 3_600_000).length;
  check("the last hour is shown", Math.abs((await rows(page).count()) - Math.min(hour, 50)) <= 1, hour);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector("#trail-filters [name=range]").value === "");
  check("the browser's way back leads to the filters before", true);
  await page.locator("[name=phase]").check();
  await filterBy(page, {});
  check("requests without a result are found", (await rows(page).first().innerText()).includes("no result"));
  check("and their sums have no percentiles", !(await page.locator("#trail-status").innerText()).includes("p50"), await page.locator("#trail-status").innerText());

  state.all.unshift({ ...newRecord(), tokens_per_second: 12.3, trace_id: null, time_to_first_token_ms: null, cost_usd: null, of_tomorrow: 0.1234, timestamp: "2025-12-31T23:00:00.000Z", user_id: "nina" });
  await open(page, "#/trail?user_id=nina", "#trail-rows tbody tr");
  await rows(page).first().locator("button").click();
  const fields = await page.locator("#record").innerText();
  check("a record has every digit, and its year", ["12.3", "0.1234", "Dec 31, 2025"].every((it) => fields.includes(it)), fields);
  check("a field of which there is none is not unknown", [/trace_id\s+none/, /time_to_first_token_ms\s+none/, /cost_usd\s+unknown/].every((it) => it.test(fields)), fields);
  await page.route("**/audit?*content=true*", (it) => it.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  await page.getByRole("button", { name: "Show the whole texts" }).click();
  await page.locator("#record .problem").waitFor();
  check("whole texts that cannot be read are a problem that says so", (await page.locator("#record .problem").innerText()).includes("The reply cannot be read"));
  await page.unroute("**/audit?*content=true*");
  await page.keyboard.press("Escape");
  state.all.shift();
  await open(page, "#/trail?range=custom&from=20266-01-01T00:00", "#trail-problem .problem");
  check("an invalid time is a problem, and nothing can be exported", /From must be [^]*, not 20266-01-01T00:00/.test(await page.locator("#trail-problem").innerText()) && (await page.locator("#export-csv").isDisabled()));

  await open(page, "#/trail?user_id=alice&range=24h", "#trail-rows tbody tr");
  const day = state.all.filter((it) => it.user_id === "alice" && Date.parse(it.timestamp) > Date.now() - 86_400_000).length;
  for (const [button, name, header] of [["#export-jsonl", "audit.jsonl", 0], ["#export-csv", "audit.csv", 1]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    const lines = readFileSync(await file.path(), "utf8").trim().split("\n").length - header;
    check(`an export as ${name} has every record of the filters`, file.suggestedFilename() === name && Math.abs(lines - day) <= 2, `${lines} of ${day}`);
  }
  await open(page, "#/trail", "#trail-rows tbody tr");
  const start = performance.now();
  const [all] = await Promise.all([page.waitForEvent("download"), page.click("#export-jsonl")]);
  const lines = readFileSync(await all.path(), "utf8").trim().split("\n").length;
  check("an export of everything has every record", lines === state.all.length, lines);
  console.log(`figure  console       export of ${lines} records: ${Math.round(performance.now() - start)} ms`);
  state.breakExport = true;
  await page.click("#export-csv");
  await page.locator("#trail-problem .problem").waitFor();
  check("an export that breaks off is an error and not a file", (await page.locator("#trail-problem").innerText()).includes("broke off"));
  state.breakExport = false;
});

// Charts

await group("charts", {}, async (page) => {
  await open(page, "#/charts?range=30d", ".tiles");
  await page.waitForFunction(() => document.querySelectorAll(".plot canvas").length === 6);
  const requests = state.seen.length;
  check("the charts are drawn from one request, of the sums", state.seen.filter((it) => it.path === "/audit").length === state.seen.slice(0, requests).filter((it) => it.path === "/audit").length && state.seen.at(-1).path === "/audit/summary");
  const blank = await page.evaluate(() => [...document.querySelectorAll(".plot canvas")].filter((canvas) => !canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((it) => it > 0)).length);
  check("no chart is blank", blank === 0, blank);
  const tables = await page.locator(".figures tbody").evaluateAll((bodies) => bodies.map((body) => body.rows.length));
  check("every chart has its figures as a table", tables.length === 6 && tables.every((it) => it > 20), tables);
  check("the cost is said to lack the records of unknown cost", (await page.locator(".tiles").innerText()).includes("requests unknown"));
  const lacking = /\$[\d.,]+\s\+ [\d,]+ unknown/;
  const costs = await page.locator("figure", { hasText: "Cost" }).first().locator("tbody").textContent();
  check("so is each cost of a table", [...(await page.locator(".ranking tbody").allInnerTexts()), costs].every((it) => lacking.test(it)), costs.slice(0, 100));
  check("and how many have a discarded cost that is unknown", /discarded cost of \d+ requests unknown/.test(await page.locator(".tiles").innerText()));
  await open(page, "#/charts?range=custom&from=20266-01-01T00:00", "#charts-problem .problem");
  check("an invalid time is a problem", /From must be [^]*, not 20266-01-01T00:00/.test(await page.locator("#charts-problem").innerText()) && (await page.locator(".tiles").count()) === 0);
  await open(page, "#/charts?range=custom&from=2012-01-01T00:00", ".tiles");
  await page.waitForFunction(() => document.querySelectorAll(".plot canvas").length === 6);
  check("a range of many years is drawn, and names its year", (await page.locator("#charts-range").innerText()).startsWith("Jan 01, 2012"));
  const started = Date.now();
  const local = (days) => {
    const at = new Date(started + days * 86_400_000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  };
  const range = `range=custom&from=${local(-30)}&to=${local(0)}`;
  const shown = () => page.locator("#charts-body").evaluate((body) => [...body.querySelectorAll(".tiles, tbody")].map((it) => it.innerText).join("\n"));
  const isWhole = () => page.waitForFunction(() => document.querySelector("#charts-status").textContent === "" && document.querySelectorAll(".plot canvas").length === 6);
  // The charts of the address before are there until the reply.
  const load = async (hash) => {
    const reply = page.waitForResponse((it) => it.url().includes("/audit/summary"));
    await open(page, hash, ".tiles");
    await reply;
    await isWhole();
  };
  await load(`#/charts?${range}`);
  const whole = await shown();
  const before = state.seen.length;
  await load(`#/charts?${range}&user_id=slow`);
  check("a range that needs several requests is read to its end", state.seen.slice(before).filter((it) => it.path === "/audit/summary").length === 3);
  const ofSeveral = await shown();
  const differs = ofSeveral.split("\n").filter((line, i) => line !== whole.split("\n")[i]);
  check("its sums are those of one request", ofSeveral === whole, differs.slice(0, 5));
  await open(page, `#/charts?${range}&user_id=stuck`, ".tiles");
  await page.waitForFunction(() => document.querySelector("#charts-status").textContent.includes("reading on"));
  await isAccessible(page, "charts that are being read");
  check("what was read so far is shown", (await page.locator(".plot canvas").count()) === 6);
  await page.click("#charts-stop");
  await page.waitForFunction(() => document.querySelector("#charts-status").textContent.includes("not complete"));
  check("sums that are not complete are said to be, and not called empty", (await page.locator("#charts-body .empty").count()) === 0);
  await open(page, `#/charts?${range}&user_id=stuck`, ".tiles");
  await open(page, "#/chat", "#chat-text");
  await new Promise((later) => setTimeout(later, 300));
  const left = state.seen.length;
  await new Promise((later) => setTimeout(later, 300));
  check("nothing is read for a view that was left", state.seen.length === left);
  await open(page, "#/charts?range=30d", ".tiles");
  await page.waitForFunction(() => document.querySelector("#charts-status").textContent === "" && document.querySelectorAll(".plot canvas").length === 6);
  const light = await page.evaluate(() => document.querySelector(".plot canvas").toDataURL());
  await page.click("#theme");
  await page.click("#theme");
  check("the charts follow the theme", (await page.evaluate(() => document.querySelector(".plot canvas").toDataURL())) !== light);
  await page.reload();
  check("the theme is kept", (await page.evaluate(() => document.documentElement.dataset.theme)) === "dark");
});

// What callers and models wrote

await group("the wall of payloads", {}, async (page) => {
  await page.addInitScript(() => (globalThis.xss = () => (globalThis.xssCalled = true)));
  await page.reload();
  const tags = () => page.evaluate(() => [...new Set([...document.querySelectorAll("#chat-log *, #trail-rows *, #record *, #charts-body *, #trail-problem *")].map((it) => it.localName))]);
  const allowed = new Set(
    ("article div h2 h3 h4 p dl dt dd a ol ul li span code i b table caption thead tbody tr th td button time header section details summary pre blockquote figure figcaption canvas small")
      .split(" "),
  );
  const shown = [];
  for (const payload of PAYLOADS) {
    const visible = payload.replace(/\0/g, "");
    await page.fill("#chat-options [name=user_id]", payload.replace(/[\0\u0007\u001b\n]/g, "").slice(0, 128));
    const reply = await send(page, visible);
    shown.push(...[await reply.locator(".sent p").textContent(), await reply.locator(".text").textContent()].filter((it) => it !== visible));
    const problem = await send(page, `problem: ${visible}`);
    shown.push(...[await problem.locator(".problem code").textContent()].filter((it) => it !== visible));
  }
  check(`${PAYLOADS.length} messages, replies and errors are shown as they are`, shown.length === 0, shown.join(" | "));
  await page.getByText("Analyze", { exact: true }).click();
  await send(page, PAYLOADS.join(" "));
  await page.getByText("Summaries", { exact: true }).click();
  await send(page, PAYLOADS.join("\n\n"));
  const inChat = (await tags()).filter((it) => !allowed.has(it));

  const fields = ["user_id", "identity", "model", "endpoint", "error", "message_preview", "response_preview", "finish_reason", "audit_id", "trace_id", "phase_of_tomorrow"];
  const crafted = PAYLOADS.map((payload) => ({
    ...newRecord(),
    ...Object.fromEntries(fields.map((name) => [name, payload])),
    [payload]: payload,
    tried: [{ model: payload, result: payload, count: 2 }],
    tool_calls: [payload],
    status: payload,
  }));
  state.all.unshift(...crafted);
  let inRecords = [];
  const lost = [];
  await open(page, "#/trail", "#trail-rows tbody tr");
  for (const [i, { message_preview: payload }] of crafted.entries()) {
    if (i === 50) {
      await page.click("#trail-older");
      await page.waitForFunction(() => document.querySelector("#trail-page").textContent === "Page 2");
    }
    await rows(page).nth(i % 50).locator("button").click();
    await page.getByRole("button", { name: "Show the whole texts" }).click();
    await page.locator("#record h4").first().waitFor();
    if ((await page.locator("#record blockquote").first().textContent()) !== payload) {
      lost.push(payload);
    }
    inRecords = [...inRecords, ...(await tags()).filter((it) => !allowed.has(it))];
    await page.keyboard.press("Escape");
  }
  check("every record is shown as it is", lost.length === 0, lost.join(" | "));
  await open(page, "#/charts?range=1h", ".tiles");
  const inCharts = (await tags()).filter((it) => !allowed.has(it));
  const names = await page.locator(".ranking .name").allTextContents();
  check("names in the charts are shown as they are", names.filter((it) => PAYLOADS.includes(it)).length > 80, names.length);
  check("no text became an element", [...inChat, ...inRecords, ...inCharts].length === 0, [...inChat, ...inRecords, ...inCharts].join(" "));
  check("no element has a handler or an address of a script", (await page.evaluate(() => [...document.querySelectorAll("*")].filter((it) => [...it.attributes].some((attribute) => /^on/i.test(attribute.name) || /^\s*(javascript|data):/i.test(attribute.value))).length)) === 0);
  check("no payload ran", (await page.evaluate(() => globalThis.xssCalled)) === undefined);
  state.all.splice(0, crafted.length);
});

// Without a mouse

await group("the keyboard", {}, async (page) => {
  const focused = () => page.evaluate(() => `${document.activeElement.id || document.activeElement.name || document.activeElement.innerText}`);
  const tabTo = async (name) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      if ((await focused()).startsWith(name)) {
        return;
      }
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  await page.keyboard.press("Tab");
  check("the first stop is the link to the content", (await focused()).startsWith("Skip"));
  await tabTo("chat-text");
  await page.keyboard.type("Hello");
  await page.keyboard.press("Enter");
  await page.locator(".meta .facts").waitFor();
  check("a message is sent with Enter, and the next one can be typed", (await focused()) === "chat-text");
  await page.keyboard.type("word ".repeat(300));
  await page.keyboard.press("Enter");
  await page.locator("#chat-stop").waitFor();
  await tabTo("chat-stop");
  await page.keyboard.press("Enter");
  await page.locator("#chat-send:enabled").waitFor();
  check("a stream is stopped from the keyboard", (await page.locator("#chat-status").textContent()) === "Stopped.");
  await page.reload();
  await tabTo("Trail");
  await page.keyboard.press("Enter");
  await rows(page).first().waitFor();
  check("a view takes the focus to its title", (await focused()) === "trail-title");
  await tabTo("user_id");
  await page.keyboard.type("alice");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("alice"));
  await page.waitForFunction(() => document.querySelector("#trail-rows tbody tr td:nth-child(4)")?.textContent === "alice");
  await tabTo("trail-rows");
  await page.keyboard.press("Tab");
  const row = await focused();
  await page.keyboard.press("Enter");
  await page.locator("#record[open]").waitFor();
  check("a record opens with the focus on its title", (await focused()) === "record-title");
  await page.keyboard.press("Escape");
  check("and closes with the focus where it was", (await focused()) === row, await focused());
  await page.reload();
  await tabTo("Charts");
  await page.keyboard.press("Enter");
  await page.locator(".tiles").waitFor();
  await tabTo("Table");
  await page.keyboard.press("Enter");
  check("a chart's table opens from the keyboard", await page.locator(".figures table").first().isVisible());
});

// Small screens, other themes, no token

await group("a telephone", { viewport: { width: 390, height: 780 } }, async (page) => {
  for (const [hash, ready] of [["#/chat", "#chat-text"], ["#/trail", "#trail-rows tbody tr"], ["#/charts", ".tiles"]]) {
    await open(page, hash, ready);
    check(`${hash} is not wider than a telephone`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), await page.evaluate(() => document.documentElement.scrollWidth));
    await isAccessible(page, `${hash} on a telephone`);
  }
});

{
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/#/trail`);
  await page.locator("#trail-problem .problem").waitFor();
  check("without the token the page says what to do", (await page.locator("#trail-problem").innerText()).includes("Open the URL that the console printed"));
  await page.goto(`${origin}/#/charts`);
  await page.locator("#charts-problem .problem").waitFor();
  await isAccessible(page, "a view with a problem");
  const detail = "There is no such route for requests without an AWS signature. Check the path; requests of /audit must be signed with Signature Version 4.";
  await page.route("**/audit?*", (it) => it.fulfill({ status: 404, contentType: "application/problem+json", body: JSON.stringify({ title: "Not found", status: 404, detail }) }));
  await page.goto(`${origin}/#/trail`);
  await page.locator("#trail-problem .problem").getByText("signed").waitFor();
  check("a stack that checks signatures is said to need the console's own server", (await page.locator("#trail-problem").innerText()).includes(`mvn -q -Pconsole package -pl console -am -Dconsole.url=${origin}`));
  await context.close();
}

// How long a reader waits, with 100,000 records; no bound, because machines differ

const median = (times) => Math.round(times.sort((a, b) => a - b)[Math.floor(times.length / 2)]);

await group("the time", {}, async (page) => {
  const timed = async (what, act, ready) => {
    const times = [];
    const ofTheApi = [];
    for (let i = 0; i < 5; i++) {
      await page.goto(`${origin}/#/chat`);
      const start = performance.now();
      await act();
      await page.locator(ready).first().waitFor();
      times.push(performance.now() - start);
      ofTheApi.push(await page.evaluate(() => performance.getEntriesByType("resource").filter((it) => it.name.includes("/audit")).at(-1).duration));
    }
    console.log(`figure  console       ${what}: ${median(times)} ms, of which the API takes ${median(ofTheApi)} ms (medians of 5)`);
  };
  await timed("trail, until its rows are there", () => page.goto(`${origin}/#/trail`), "#trail-rows tbody tr");
  await timed("trail of one user and status", () => page.goto(`${origin}/#/trail?user_id=alice&status=503`), "#trail-rows tbody tr");
  await timed("charts of 30 days, until they are drawn", () => page.goto(`${origin}/#/charts?range=30d`), ".plot canvas");
});

close();
await end();
