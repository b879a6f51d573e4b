// The second step of signing in: codes, remembered devices, codes by SMS, the clock (C4–C6), and staff's first sign-in.
import { AxeBuilder } from "@axe-core/playwright";
import { Authenticator } from "../fixtures/authenticator.js";
import { expect, test } from "../fixtures/demo.js";
import { giveCode } from "../fixtures/desk.js";
import { bar, signIn } from "../fixtures/portal.js";

async function clean(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect.soft(faults, name).toEqual([]);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(tooWide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  if (process.env.COUNTERSIGN_SHOTS) {
    const { width } = page.viewportSize();
    await page.screenshot({ path: `${process.env.COUNTERSIGN_SHOTS}/${name}-${width}-${test.info().project.name}.png`, fullPage: true });
  }
}

async function password(page, address, who) {
  await page.goto(address);
  await page.getByLabel("Username", { exact: true }).fill(who.username);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const codeField = (page) => page.getByRole("textbox");

const asked = (page) => expect(page.getByRole("heading", { name: "Enter your code" })).toBeVisible();

/** A customer switches two-factor authentication on, as they would, and signs out. */
async function withSecondFactor(page, brand, person) {
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/security/two-factor/set-up`);
  await page.getByRole("button", { name: /show the QR code/ }).click();
  const phone = new Authenticator(await page.locator("#key-text").textContent());
  await page.getByLabel("Code from the app").fill(phone.fresh());
  await page.getByRole("button", { name: "Switch it on" }).click();
  const codes = await page.getByRole("list", { name: "Backup codes" }).getByRole("listitem").allTextContents();
  await page.context().clearCookies();
  return { phone, codes };
}

test("C4: sign-in asks for the code, and not again on a remembered device @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  const { phone } = await withSecondFactor(page, brand, person);
  await password(page, `${brand.base_url}/sign-in`, person);
  await asked(page);
  await expect(codeField(page)).toBeFocused();
  await expect(codeField(page)).toHaveAttribute("autocomplete", "one-time-code");
  await clean(page, "second-step");
  await page.getByLabel("Remember this device for 30 days").check();
  await giveCode(page, phone.fresh());
  await expect(bar(page)).toBeVisible();
  await page.goto(`${brand.base_url}/security/sign-out-everywhere`);
  await page.getByRole("button", { name: /everywhere/i }).click();
  await signIn(page, brand, person);
});

test("C3: a backup code signs in once", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  const { codes } = await withSecondFactor(page, brand, person);
  await password(page, `${brand.base_url}/sign-in`, person);
  await page.getByRole("link", { name: "Use a backup code or the recovery code" }).click();
  await clean(page, "second-step-paper");
  await giveCode(page, codes[0]);
  await expect(bar(page)).toBeVisible();
  await page.context().clearCookies();
  await password(page, `${brand.base_url}/sign-in`, person);
  await giveCode(page, codes[0]);
  await expect(page.getByRole("alert")).toContainText("This code is wrong");
});

test("C5: a code by SMS signs in where a confirmed number is on record @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  await withSecondFactor(page, brand, person);
  await password(page, `${brand.base_url}/sign-in`, person);
  await clean(page, "second-step-sms-offered");
  await page.getByRole("button", { name: "Send SMS code" }).click();
  await expect(page.getByRole("status").first()).toContainText("We sent a code to");
  await clean(page, "second-step-sms-sent");
  let text;
  await expect.poll(async () => {
    text = (await demo.outbox()).findLast((one) => one.channel === "sms" && one.text.includes("sign-in code"))?.text;
    return Boolean(text);
  }).toBe(true);
  await giveCode(page, text.slice(0, 6));
  await expect(bar(page)).toBeVisible();
});

test("C6: a phone whose clock is off is told by how much, from the second wrong code on @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  const { phone } = await withSecondFactor(page, brand, person);
  await password(page, `${brand.base_url}/sign-in`, person);
  await giveCode(page, phone.code(-120));
  await expect(page.getByRole("alert")).toContainText("This code is wrong");
  await expect(page.getByText("Our time now:")).toHaveCount(0);
  await clean(page, "second-step-wrong");
  await giveCode(page, phone.code(-120));
  await expect(page.getByRole("alert")).toContainText(/your phone’s clock is .*(minute|second).* behind/);
  await expect(page.locator("[data-server-clock]")).toHaveText(/\d\d:\d\d:\d\d/);
  await clean(page, "second-step-behind");
  await giveCode(page, phone.fresh());
  await expect(bar(page)).toBeVisible();
});

test("staff set a second factor up at their first sign-in, before the desk opens @look", async ({ page, demo }) => {
  const agent = demo.agent();
  await demo.command("staff", "reset-2fa", agent.username, "--yes");
  await password(page, `${demo.base_url}/desk/sign-in`, agent);
  await expect(page.getByRole("heading", { name: "Set up your second factor" })).toBeVisible();
  await expect(page.getByText("First set your phone’s clock to automatic")).toBeVisible();
  await clean(page, "desk-set-up");
  await page.goto(`${demo.base_url}/desk`);
  await expect(page, "nothing else is open").toHaveURL(/\/desk\/second-factor$/);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(page.getByRole("img", { name: "QR code for your authenticator app" })).toBeVisible();
  const key = await page.locator("#key-text").textContent();
  expect(key).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  await clean(page, "desk-set-up-key");
  const phone = new Authenticator(key);
  await page.getByLabel("Code from the app").fill(phone.wrong());
  await page.getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByRole("alert")).toContainText("This code is wrong");
  await page.getByLabel("Code from the app").fill(phone.fresh());
  await page.getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByRole("heading", { name: "Keep these codes" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Backup codes" }).getByRole("listitem")).toHaveCount(10);
  await clean(page, "desk-backup-codes");
  await page.getByRole("link", { name: "I saved them" }).click();
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();
  await page.context().clearCookies();
  await password(page, `${demo.base_url}/desk/sign-in`, agent);
  await asked(page);
  await clean(page, "desk-second-step");
  await giveCode(page, phone.fresh());
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();
});

test("the demo shows the codes of its staff, and one of them opens the desk @look", async ({ page, demo }) => {
  const agent = demo.agent();
  await page.goto(`${demo.base_url}/demo`);
  const card = page.getByRole("listitem").filter({ has: page.getByText(agent.username, { exact: true }) }).last();
  const code = await card.getByText(/^\d{6}$/).textContent();
  await clean(page, "demo");
  await password(page, `${demo.base_url}/desk/sign-in`, agent);
  await giveCode(page, code);
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();
});

test("the second step needs no mouse @keyboard", async ({ page, demo }) => {
  const agent = demo.agent();
  await page.goto(`${demo.base_url}/desk/sign-in`);
  await page.getByLabel("Username", { exact: true }).focus();
  await page.keyboard.type(agent.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(agent.password);
  await page.keyboard.press("Enter");
  await asked(page);
  await page.keyboard.type(demo.authenticator(agent).fresh());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();
});
