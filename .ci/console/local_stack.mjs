// The console of a local stack in a headless Chromium, whose model repeats what it is asked:
//
//     node local_stack.mjs URL     where the stack answers

import { readFileSync } from "node:fs";
import { check, end, group, isAccessible, launch, open, rows, send } from "./harness.mjs";
import { PAYLOADS } from "./payloads.mjs";

const [url] = process.argv.slice(2);
await launch(`${url}/`);

/** Not those with characters that Skein refuses, as it should. */
const MESSAGES = PAYLOADS.filter((it) => !/[\0\u0007\u001b]/.test(it)).slice(0, 24);

for (const name of ["127.0.0.1", "localhost"]) {
  const response = await fetch(`${url.replace("127.0.0.1", name)}/`);
  check(`the page is at ${name}`, response.status === 200 && response.headers.get("content-security-policy").includes("default-src 'none'"));
}

await group("the local stack", {}, async (page) => {
  await page.evaluate(() => (globalThis.xss = () => (globalThis.xssCalled = true)));
  await page.fill("#chat-options [name=user_id]", "<img src=x onerror=xss()>");
  const wrong = [];
  for (const message of MESSAGES) {
    const reply = await send(page, message);
    if (!(await reply.locator(".text").textContent()).includes(message)) {
      wrong.push(message);
    }
  }
  check(`${MESSAGES.length} streams repeat the message as it is`, wrong.length === 0, wrong.join(" | "));
  await page.fill("#chat-options [name=max_tokens]", "3");
  check("a reply at its token limit says so", (await (await send(page, "Hello")).innerText()).includes("token limit reached"));
  await page.fill("#chat-options [name=max_tokens]", "999999999");
  const problem = await (await send(page, "Hello")).locator(".problem").innerText();
  check("an invalid field is shown with its pointer", problem.includes("/max_tokens") && problem.includes("422"), problem);
  await page.fill("#chat-options [name=max_tokens]", "");
  await page.getByText("Analyze", { exact: true }).click();
  check("an analysis is shown", /Sentiment\s+positive/.test(await (await send(page, "The release is excellent and the team is happy.")).innerText()));
  await page.getByText("Summaries", { exact: true }).click();
  check("summaries are shown", (await (await send(page, "Geese fly in a skein.\n\nA queue keeps messages.")).locator("li").count()) === 2);
  await isAccessible(page, "chat of the local stack");
  const records = MESSAGES.length + 3;
  const query = new URLSearchParams({ user_id: "<img src=x onerror=xss()>", limit: "100" });
  for (let i = 0; i < 150 && (await (await fetch(`${url}/audit?${query}`)).json()).records.filter((it) => it.phase === "completed").length < records; i++) {
    await page.waitForTimeout(200); // a record is stored a moment after the reply
  }
  await open(page, `#/trail?${new URLSearchParams({ user_id: "<img src=x onerror=xss()>" })}`, "#trail-rows tbody tr");
  check("every request has its record", (await rows(page).count()) === records, await rows(page).count());
  await rows(page).last().locator("button").click();
  await page.getByRole("button", { name: "Show the whole texts" }).click();
  await page.locator("#record h4").first().waitFor();
  check("the whole texts are shown as they are", (await page.locator("#record").innerText()).includes(MESSAGES[0]));
  await isAccessible(page, "a record of the local stack");
  await page.keyboard.press("Escape");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#export-csv")]);
  check("an export is saved", readFileSync(await file.path(), "utf8").startsWith("schema_version,"));
  await open(page, "#/charts?range=1h", ".tiles");
  await page.locator(".plot canvas").nth(5).waitFor();
  check("the charts have the records' sums", Number(await page.locator(".tile dd").first().evaluate((it) => it.firstChild.data)) === records);
  await isAccessible(page, "charts of the local stack");
  check("no payload ran", (await page.evaluate(() => globalThis.xssCalled)) === undefined);
});

await end();
