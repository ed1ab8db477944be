// Signing in and out, two tenants, keys, and a login that ends in the middle of something.
import { type Page, expect, test } from "@playwright/test";
import { Server, bootstrap } from "./server";
import { ask, watch } from "./watch";

const PASSWORD = "correct horse battery staple";
let server: Server;
let key: string;

test.beforeAll(async () => {
  const auth = { ASSAY_AUTH__MODE: "required", ASSAY_SERVER__RATES__CLIENT_PER_MINUTE: "0", ASSAY_SERVER__RATES__TENANT_PER_MINUTE: "0" };
  server = await Server.start(auth, (data) => {
    key = bootstrap(data, "ada@example.org");
  });
  await server.call("PUT", "/v1/users/ada%40example.org/password", { password: PASSWORD }, key);
  for (const [user, tenant] of [["bob@example.org", "acme"], ["eve@example.org", "globex"]]) {
    await server.call("POST", "/v1/users", { name: user }, key);
    await server.call("PUT", `/v1/users/${encodeURIComponent(user ?? "")}/password`, { password: PASSWORD }, key);
    await server.call("POST", "/v1/tenants", { name: tenant, owner: user }, key);
  }
});
test.afterAll(() => server.stop());

async function signIn(page: Page, user: string): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
}

/** Before a login the server refuses, which a browser writes into its console. */
const REFUSED = /status of 401/;

test("a wrong password is refused, the right one lets in, and signing out locks", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await page.getByLabel("Name").fill("bob@example.org");
  await page.getByLabel("Password").fill("wrong wrong wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await signIn(page, "bob@example.org");
  await expect(page.locator(".person-who")).toContainText("acme");
  await page.reload();
  await expect(page.locator(".person-who")).toContainText("acme");
  await page.getByRole("button", { name: "Language and account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  const { status } = await page.evaluate(() => fetch("/v1/me").then((answer) => ({ status: answer.status })));
  expect(status).toBe(401);
  watched.check(REFUSED);
});

test("two tenants do not see each other", async ({ browser }) => {
  const bob = await (await browser.newContext()).newPage();
  const eve = await (await browser.newContext()).newPage();
  await signIn(bob, "bob@example.org");
  await bob.getByRole("link", { name: "Documents", exact: true }).click();
  await bob.getByLabel("Add files").first().setInputFiles([{ name: "secret.txt", mimeType: "text/plain", buffer: Buffer.from("The launch of the Zephyr engine is on the ninth of May.") }]);
  await expect(bob.getByText("1 of 1 files taken in")).toBeVisible({ timeout: 60_000 });
  const document = await bob.locator(".doc-link").first().getAttribute("href");
  await signIn(eve, "eve@example.org");
  await eve.getByRole("link", { name: "Documents", exact: true }).click();
  await expect(eve.getByText("No documents yet")).toBeVisible();
  await eve.goto(server.url + document);
  await expect(eve.getByRole("alert")).toContainText("there is no document");
  await eve.getByRole("link", { name: "Ask", exact: true }).click();
  await ask(eve, "When is the launch of the Zephyr engine?");
  await expect(eve.locator(".answer")).not.toContainText("ninth of May");
  await bob.context().close();
  await eve.context().close();
});

test("a key is made, shown once, used and revoked", async ({ page }) => {
  await signIn(page, "bob@example.org");
  await page.goto(`${server.url}/app/admin/keys`);
  await page.getByLabel("What it is for").fill("crawler");
  await page.getByRole("button", { name: "Make key" }).click();
  const made = (await page.locator(".secret code").textContent()) ?? "";
  expect(made).toMatch(/^assay_/);
  const me = await server.call<{ tenant_name: string }>("GET", "/v1/me", undefined, made);
  expect(me.tenant_name).toBe("acme");
  await page.getByRole("button", { name: "I have it" }).click();
  await expect(page.getByText(made)).toHaveCount(0);
  await page.getByRole("row", { name: /crawler/ }).getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("row", { name: /crawler/ })).toContainText("revoked");
  await expect(server.call("GET", "/v1/me", undefined, made)).rejects.toThrow("401");
});

test("a login that ends in mid-upload loses nothing", async ({ page }) => {
  await signIn(page, "eve@example.org");
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  const files = Array.from({ length: 12 }, (_, at) => ({ name: `note-${at}.txt`, mimeType: "text/plain", buffer: Buffer.from(`Bridge number ${at} opens at noon.`) }));
  let sent = 0;
  await page.route("**/documents/upload", async (route) => {
    sent += 1;
    if (sent === 4) await page.context().clearCookies();
    await route.continue();
  });
  await page.getByLabel("Add files").first().setInputFiles(files);
  await expect(page.getByRole("heading", { name: "Sign in again" })).toBeVisible();
  expect(sent, "some were still waiting").toBeLessThan(files.length);
  await page.getByLabel("Name").fill("eve@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("12 of 12 files taken in")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(".doc-row", { hasText: "note-" })).toHaveCount(12);
});

test("the audit log is shown and verified in the browser", async ({ page }) => {
  await signIn(page, "bob@example.org");
  await page.goto(`${server.url}/app/admin/audit`);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.getByRole("button", { name: "Verify the log" }).click();
  await expect(page.getByText(/Whole: \d+ entries, signed/)).toBeVisible();
});

test("a changed line of the audit log is found", async ({ page }) => {
  await signIn(page, "bob@example.org");
  await page.goto(`${server.url}/app/admin/audit`);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.route("**/v1/audit/export", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('"outcome":"done"', '"outcome":"lost"') });
  });
  await page.getByRole("button", { name: "Verify the log" }).click();
  await expect(page.getByText(/was changed/)).toBeVisible();
});

test("a conversation is shared by a link, and shows each reader what is open to them", async ({ browser }) => {
  for (const user of ["carl@example.org"]) {
    await server.call("POST", "/v1/users", { name: user }, key);
    await server.call("PUT", `/v1/users/${encodeURIComponent(user)}/password`, { password: PASSWORD }, key);
    await server.call("PUT", "/v1/tenants/acme/members", { user, role: "member" }, key);
  }
  const [bob, carl, eve] = await Promise.all([1, 2, 3].map(async () => (await browser.newContext()).newPage()));
  if (!bob || !carl || !eve) throw new Error("three pages");
  await signIn(bob, "bob@example.org");
  await bob.getByRole("link", { name: "Documents", exact: true }).click();
  await bob.getByLabel("Add files").first().setInputFiles([
    { name: "pay.txt", mimeType: "text/plain", buffer: Buffer.from("The director Zacharias Quonset earns 412000 euros a year.") },
    { name: "lunch.txt", mimeType: "text/plain", buffer: Buffer.from("The canteen opens at noon every weekday.") },
  ]);
  await expect(bob.getByText("2 of 2 files taken in")).toBeVisible({ timeout: 60_000 });
  await bob.locator(".doc-row", { hasText: "pay.txt" }).getByRole("link").click();
  await bob.getByRole("tab", { name: "Details" }).click();
  await bob.getByRole("button", { name: "Change" }).click();
  await bob.getByLabel("Open to").selectOption("Only those on the list");
  await bob.getByRole("button", { name: "Save" }).last().click();
  await expect(bob.getByText("Only those who read everything")).toBeVisible();
  await bob.getByRole("link", { name: "Ask", exact: true }).click();
  await ask(bob, "What does the director Zacharias Quonset earn?");
  await expect(bob.locator(".answer-text")).toContainText("412000");
  await ask(bob, "When does the canteen open?");
  await bob.getByRole("button", { name: "Share this conversation" }).click();
  await bob.getByRole("button", { name: "Make a link" }).click();
  const link = await bob.getByLabel("Link to this conversation").inputValue();

  await signIn(carl, "carl@example.org");
  await carl.goto(link);
  await expect(carl.getByText("Shared by bob@example.org, to be read")).toBeVisible();
  await expect(carl.locator(".closed")).toHaveCount(1);
  await expect(carl.locator(".answer-text")).toContainText("noon");
  expect(await carl.content()).not.toContain("412000");
  await expect(carl.getByRole("textbox", { name: "Question" })).toHaveCount(0);
  await signIn(eve, "eve@example.org");
  await eve.goto(link);
  await expect(eve.getByText("This conversation is not shared")).toBeVisible();
  await bob.getByRole("button", { name: "Stop sharing" }).click();
  await expect(bob.getByRole("button", { name: "Make a link" })).toBeVisible();
  await carl.reload();
  await expect(carl.getByText("This conversation is not shared")).toBeVisible();
  for (const page of [bob, carl, eve]) await page.context().close();
});

test("what somebody says of an answer reaches the admins, with the comment", async ({ browser }) => {
  const carl = await (await browser.newContext()).newPage();
  await signIn(carl, "carl@example.org");
  await ask(carl, "When does the canteen open?");
  await carl.getByRole("button", { name: "This did not help" }).click();
  await carl.getByLabel("What is wrong or missing?").fill("On Sundays, too?");
  await carl.getByRole("button", { name: "Send" }).click();
  await expect(carl.getByText("Thank you.")).toBeVisible();
  await expect(carl.getByRole("link", { name: "Admin", exact: true })).toBeVisible();
  await carl.getByRole("link", { name: "Admin", exact: true }).click();
  await expect(carl.getByRole("link", { name: "Feedback" })).toHaveCount(0);
  const bob = await (await browser.newContext()).newPage();
  await signIn(bob, "bob@example.org");
  await bob.goto(`${server.url}/app/admin/opinions`);
  const row = bob.getByRole("row", { name: /canteen/ });
  await expect(row).toContainText("On Sundays, too?");
  await expect(row).toContainText("carl@example.org");
  await expect(row).toContainText("It did not help");
  for (const page of [bob, carl]) await page.context().close();
});

test("a person of two tenants goes from one to the other", async ({ page }) => {
  await server.call("PUT", "/v1/tenants/globex/members", { user: "carl@example.org", role: "guest" }, key);
  await page.goto(server.url);
  await page.getByLabel("Name").fill("carl@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByText("I belong to several tenants").click();
  await page.getByLabel("Tenant", { exact: true }).fill("acme");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.locator(".person-who")).toContainText("acme");
  await page.getByRole("button", { name: "Language and account" }).click();
  await page.getByRole("menuitem", { name: "Go to globex" }).click();
  await expect(page.locator(".person-who")).toContainText("globex");
  await expect(page.locator(".person-who")).toContainText("guest");
  await expect(page.locator(".history li")).toHaveCount(0);
});
