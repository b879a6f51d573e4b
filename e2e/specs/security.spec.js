// How a customer signs in and proves it: 2-Factor Auth, backup codes, devices, sessions (C1–C4, C6), Security information (B4).
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../fixtures/demo.js";
import { Phone } from "../fixtures/phone.js";
import { bar, openMenu, signIn } from "../fixtures/portal.js";

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

const theSwitch = (page) => page.getByRole("switch", { name: "Enable two-factor authentication" });
const codeField = (page) => page.getByLabel("Code from the app", { exact: true });

/** From the switch to the QR code, and scans it. */
async function scan(page, account) {
  const menu = await openMenu(page, account);
  await menu.getByRole("link", { name: "2-Factor Auth" }).click();
  await expect(theSwitch(page)).not.toBeChecked();
  await clean(page, "two-factor-off");
  await theSwitch(page).click();
  await expect(page.getByText("First set your phone’s clock to automatic")).toBeVisible();
  await expect(page.locator("[data-qr]")).toHaveCount(0);
  await clean(page, "clock");
  await page.getByRole("button", { name: "My clock is automatic: show the QR code" }).click();
  await expect(page.getByRole("img", { name: "QR code for your authenticator app" })).toBeVisible();
  await clean(page, "qr");
  return Phone.scanning(page, test.info().outputPath("qr.png"));
}

/** Two-factor authentication on, with this phone; the page shows the backup codes. */
async function enable(page, account) {
  const phone = await scan(page, account);
  await codeField(page).fill(phone.next());
  await page.getByRole("button", { name: "Switch it on" }).click();
  await expect(page.getByRole("status").first()).toContainText("Two-factor authentication is on");
  return phone;
}

const backupCodes = (page) => page.getByRole("list", { name: "Backup codes" }).getByRole("listitem").allTextContents();

test("C1, C2: a customer switches two-factor authentication on with a phone, and off again @look", async ({ page, demo }) => {
  const { brand, account, person } = demo.customer("cloud-user-pin");
  await signIn(page, brand, person);
  const phone = await scan(page, account);
  const key = (await page.locator("#key-text").textContent()).trim();
  expect(key, "in groups of four").toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  expect(phone.key, "the QR code and the text say the same").toBe(key.replaceAll(" ", ""));
  await expect(page.locator('a[href^="otpauth://totp/"]')).toHaveAttribute("href", phone.url);
  await codeField(page).fill(phone.next());
  await page.getByRole("button", { name: "Switch it on" }).click();
  await expect(page.getByRole("status").first()).toContainText("Two-factor authentication is on");
  await clean(page, "backup-codes");
  await page.getByRole("link", { name: "I saved them" }).click();
  await expect(theSwitch(page)).toBeChecked();
  await clean(page, "two-factor-on");
  await theSwitch(page).click();
  await expect(page.getByRole("heading", { name: "Switch two-factor authentication off?" })).toBeVisible();
  await clean(page, "switch-off");
  await page.getByRole("button", { name: "Switch it off" }).click();
  await expect(page.getByRole("status").first()).toContainText("Two-factor authentication is off");
  await expect(theSwitch(page)).not.toBeChecked();
});

test("C6: a phone whose clock is three minutes behind is told so @look", async ({ page, demo }) => {
  const { brand, account, person } = demo.customer("hosting-account-pin");
  await signIn(page, brand, person);
  const phone = await scan(page, account);
  await codeField(page).fill(phone.code(-180));
  await page.getByRole("button", { name: "Switch it on" }).click();
  await expect(page.getByRole("alert")).toContainText("your phone’s clock is 3 minutes behind");
  await expect(page.getByText("Our time now:")).toBeVisible();
  await clean(page, "drift");
  await codeField(page).fill(phone.next());
  await page.getByRole("button", { name: "Switch it on" }).click();
  await expect(page.getByRole("heading", { name: "Backup codes", level: 1 })).toBeVisible();
});

test("C3: backup codes are copied, downloaded, used once, counted and made anew", async ({ page, demo, context }) => {
  const { brand, account, person } = demo.customer("cloud-user-pin");
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: brand.base_url });
  await signIn(page, brand, person);
  await enable(page, account);
  const codes = await backupCodes(page);
  expect(codes).toHaveLength(10);
  await page.getByRole("button", { name: "Copy all" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(codes.join("\n"));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  const file = await readFile(await download.path(), "utf8");
  for (const code of codes) expect(file).toContain(code);
  await expect(page.getByRole("button", { name: "Print" })).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "Print" })).toBeHidden();
  await expect(bar(page)).toBeHidden();
  await page.emulateMedia({ media: null });
  await page.getByRole("link", { name: "I saved them" }).click();
  await expect(page.getByText("10 left")).toBeVisible();
  await expect(page.getByText(codes[0])).toHaveCount(0);
  await page.getByRole("link", { name: "Make new codes" }).click();
  await clean(page, "new-codes");
  await page.getByRole("button", { name: "Make new codes" }).click();
  await expect(page.getByRole("heading", { name: "Backup codes", level: 1 })).toBeVisible();
  const renewed = await backupCodes(page);
  expect(renewed).toHaveLength(10);
  expect(renewed.some((code) => codes.includes(code))).toBe(false);
});

test("C4: the sessions are listed; another one is ended, then all others @look", async ({ page, demo, browser }) => {
  const { brand, account, person } = demo.customer("cloud-user-pin");
  const elsewhere = await browser.newPage();
  await signIn(elsewhere, brand, person);
  await signIn(page, brand, person);
  const menu = await openMenu(page, account);
  await menu.getByRole("link", { name: "Security (2FA)" }).click();
  await expect(page.getByText("This session")).toHaveCount(1);
  await expect(page.getByText("have a device remembered for 30 days")).toBeVisible();
  await clean(page, "security");
  await page.getByRole("button", { name: /^End the session in / }).click();
  await expect(page.getByRole("status").first()).toContainText("The session was ended");
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await signIn(elsewhere, brand, person);
  await page.reload();
  await page.getByRole("link", { name: "Sign out everywhere else" }).click();
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByRole("status").first()).toContainText("You are signed out everywhere else");
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await elsewhere.close();
});

test("B4: Security information asks for user name and password, then the Security PIN is updated @look", async ({ page, demo }) => {
  const { brand, account, person } = demo.customer("telecom-admin-pin");
  await signIn(page, brand, person);
  const menu = await openMenu(page, account);
  await menu.getByRole("link", { name: "Security information" }).click();
  await expect(page.getByRole("heading", { name: "Is it you?" })).toBeVisible();
  await clean(page, "prove");
  await page.getByLabel("Username", { exact: true }).fill(person.username);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Go on with the password" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await clean(page, "prove-wrong");
  await page.getByLabel("Username", { exact: true }).fill(person.username);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Go on with the password" }).click();
  await expect(page.getByRole("heading", { name: "Security information" })).toBeVisible();
  await clean(page, "security-information");
  await page.getByRole("link", { name: "Change Security PIN" }).click();
  await page.getByRole("dialog").getByLabel("New PIN").fill("9041");
  await clean(page, "change-security-pin");
  await page.getByRole("dialog").getByRole("button", { name: "Update" }).click();
  await expect(page.getByRole("status").first()).toContainText("PIN");
  expect(await demo.verify(brand, account, "9041", person)).toBe("verified");
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("C1–C3: two-factor authentication is set up without script", async ({ page, demo }) => {
    const { brand, person } = demo.customer("cloud-user-pin");
    await signIn(page, brand, person);
    await page.goto(`${brand.base_url}/security/two-factor`);
    await theSwitch(page).click();
    await page.getByRole("button", { name: "My clock is automatic: show the QR code" }).click();
    const phone = await Phone.scanning(page, test.info().outputPath("qr.png"));
    await codeField(page).fill(phone.next());
    await page.getByRole("button", { name: "Switch it on" }).click();
    expect(await backupCodes(page)).toHaveLength(10);
    await page.getByRole("link", { name: "I saved them" }).click();
    await expect(theSwitch(page)).toBeChecked();
  });
});
