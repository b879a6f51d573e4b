// A: the PIN of the account (preset hosting-account-pin).
import { expect, test, wrong } from "../fixtures/demo.js";
import * as desk from "../fixtures/desk.js";
import { bar, eye, neverAsk, openMenu, pages, reveal, signIn } from "../fixtures/portal.js";

const preset = "hosting-account-pin";

/** None of these stands in the page: not in what is read, not in its source. */
async function hidden(page, secrets) {
  const read = await page.evaluate(() => document.documentElement.textContent);
  const source = await page.content();
  for (const secret of secrets) {
    expect(read).not.toContain(secret);
    expect(source).not.toContain(secret);
  }
}

test("A3: number and masked PIN stand in the bar of every portal page", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer(preset);
  await signIn(page, brand, person);
  for (const path of pages) {
    const answer = await page.goto(brand.base_url + path);
    expect(answer.status(), path).toBe(200);
    await expect(bar(page), path).toContainText(account.account_number);
    await expect(bar(page).locator("[data-pin-digits]"), path).toHaveText("••••••");
    await expect(eye(bar(page)), path).toHaveAttribute("aria-pressed", "false");
    expect(await answer.text(), path).not.toContain(pin);
    expect(await page.content(), path).not.toContain(pin);
  }
});

test("A3: the eye reveals the PIN, and hides it again", async ({ page, demo }) => {
  const { brand, person, pin } = demo.customer(preset);
  await signIn(page, brand, person);
  expect(await reveal(bar(page))).toBe(pin);
  await expect(eye(bar(page))).toHaveAttribute("aria-pressed", "true");
  await expect(page).not.toHaveTitle(new RegExp(pin));
  expect(page.url()).not.toContain(pin);
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain(pin);
  await eye(bar(page)).click();
  await expect(bar(page).locator("[data-pin-digits]")).toHaveText("••••••");
  expect(await page.content()).not.toContain(pin);
});

test("A3: the PIN hides itself after the time that the policy names", async ({ page, demo }) => {
  const { brand, person, pin } = demo.customer(preset);
  await page.clock.install();
  await signIn(page, brand, person);
  expect(await reveal(bar(page))).toBe(pin);
  await page.clock.fastForward("00:31");
  await expect(bar(page).locator("[data-pin-digits]")).toHaveText("••••••");
});

test("A4: the menu beside the account name leads to settings, security, team and the way out", async ({ page, demo }) => {
  const { brand, account, person } = demo.customer(preset);
  await signIn(page, brand, person);
  const menu = await openMenu(page, account);
  for (const name of ["Account settings", "Security (2FA)", "Team"]) {
    await expect(menu.getByRole("link", { name })).toBeVisible();
  }
  await menu.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await page.goto(`${brand.base_url}/account-settings`);
  await expect(page.getByLabel("Username", { exact: true })).toBeVisible();
});

test("A4: the pen opens a dialog; the new PIN must be six digits; it counts from the next call", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer(preset);
  await signIn(page, brand, person);
  await (await openMenu(page, account)).getByRole("link", { name: "Account settings" }).click();
  await expect(page.getByRole("heading", { name: "Call-in PIN" })).toBeVisible();

  await page.getByRole("link", { name: "Edit PIN" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit PIN" });
  await dialog.getByLabel("New PIN").fill("12345");
  await expect(dialog.locator('[data-rule="length"]')).toHaveAttribute("data-mark", "broken");
  await dialog.getByRole("button", { name: "Edit PIN" }).click();
  await expect(page.getByText("The old PIN is still in use.")).toBeVisible();
  expect(await demo.verify(brand, account, pin)).toBe("verified");

  const chosen = wrong(pin, 271_828);
  await page.goto(`${brand.base_url}/account-settings`);
  await page.getByRole("link", { name: "Edit PIN" }).click();
  await dialog.getByLabel("New PIN").fill(chosen);
  await expect(dialog.locator('[data-rule="length"]')).toHaveAttribute("data-mark", "held");
  await dialog.getByRole("button", { name: "Edit PIN" }).click();
  await expect(page.getByText("Your new Support PIN is saved.")).toBeVisible();
  expect(await reveal(bar(page))).toBe(chosen);
  expect(await demo.verify(brand, account, pin)).toBe("denied");
  expect(await demo.verify(brand, account, chosen)).toBe("verified");
});

test("A4: a PIN made by the server can be read and works", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer(preset);
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/account-settings`);
  await page.getByRole("link", { name: "Edit PIN" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Generate one for me" }).click();
  await expect(page.getByText("Your new Support PIN is ready.")).toBeVisible();
  const made = await reveal(bar(page));
  expect(made).toMatch(/^\d{6}$/);
  expect(made).not.toBe(pin);
  expect(await demo.verify(brand, account, made)).toBe("verified");
});

test("A5: until number and PIN match, the desk shows nothing sensitive and allows nothing sensitive", async ({ page, demo }) => {
  const { brand, account, pin } = demo.customer(preset);
  const secrets = [account.name, ...account.people.flatMap((one) => [one.name, one.email, one.phone])].filter(Boolean);
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await desk.open(page, account);

  const billing = page.getByRole("listitem").filter({ hasText: "Discuss invoices and payments" });
  const general = page.getByRole("listitem").filter({ hasText: "General information about our services" });
  const shut = async () => {
    await hidden(page, secrets);
    await expect(billing).toContainText("needs the PIN");
    await expect(general).toContainText("always");
  };
  await shut();
  await desk.check(page, wrong(pin), "NOT VERIFIED");
  await shut();
  await desk.check(page, pin, "VERIFIED");
  await expect(billing).toContainText("verified");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(account.name);
  for (const one of account.people) await expect(page.getByText(one.name).first()).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "second factor" })).toContainText("needs a second proof too");

  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.goBack();
  await page.reload();
  await hidden(page, secrets);
});

test("A5: a wrong PIN and an account that does not exist look alike at the desk", async ({ page, demo }) => {
  const { brand, account, pin } = demo.customer(preset);
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await desk.searchBox(page).fill(pin);
  await desk.searchBox(page).press("Enter");
  await expect(page.getByText(account.account_number)).toHaveCount(0);
});

test("D5: who may not unlock is told who may", async ({ page, demo, browser }) => {
  const { brand, account, person, pin } = demo.customer(preset, "member");
  const agent = await browser.newPage();
  await desk.signIn(agent, demo);
  await desk.workFor(agent, brand);
  await desk.open(agent, account);
  for (let nth = 1; nth < 5; nth += 1) await desk.check(agent, wrong(pin, nth), "NOT VERIFIED");
  await desk.check(agent, wrong(pin, 5), "LOCKED");
  await agent.close();

  await signIn(page, brand, person);
  const banner = page.getByRole("alert", { name: "Support PIN locked" });
  await expect(banner).toContainText(account.people.find((one) => one.role === "owner").name);
  await expect(banner.getByRole("link", { name: "Unlock" })).toHaveCount(0);
  for (const one of account.people.filter((other) => other.email)) await expect(banner).not.toContainText(one.email);
  await page.goto(`${brand.base_url}/unlock`);
  await expect(page.getByRole("button", { name: /Unlock/ })).toHaveCount(0);
});

test("D5: a supervisor unlocks on the agent's page, and not on their own", async ({ page, demo, browser }) => {
  const { brand, account, pin } = demo.customer(preset);
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await desk.open(page, account);
  for (let nth = 1; nth < 5; nth += 1) await desk.check(page, wrong(pin, nth), "NOT VERIFIED");
  await desk.check(page, wrong(pin, 5), "LOCKED");
  await expect(page.getByRole("link", { name: "Unlock", exact: true })).toHaveCount(0);

  const chief = await browser.newPage();
  await desk.signIn(chief, demo, "supervisor");
  await desk.workFor(chief, brand);
  await desk.open(chief, account);
  await expect(chief.getByText("You opened this conversation yourself")).toBeVisible();
  await chief.goto(page.url());
  await chief.getByRole("link", { name: "Unlock", exact: true }).click();
  await expect(chief.getByRole("heading", { name: "Unlock this PIN?" })).toBeVisible();
  await chief.getByRole("button", { name: "Unlock", exact: true }).click();
  await expect(chief.getByText("The PIN is unlocked.")).toBeVisible();
  await chief.close();

  await page.reload();
  await desk.check(page, pin, "VERIFIED");
});

test("D6: the warning stands beside the PIN", async ({ page, demo }) => {
  const { brand, person } = demo.customer(preset);
  await signIn(page, brand, person);
  await expect(page.getByText(neverAsk).first()).toBeVisible();
  await page.goto(`${brand.base_url}/account-settings`);
  await expect(page.getByText(neverAsk).first()).toBeVisible();
});

test("D6: the desk refuses a PIN check where we contacted the customer", async ({ page, demo }) => {
  const { brand, account } = demo.customer(preset);
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await desk.open(page, account, { outbound: true });
  await expect(desk.result(page, "NO PIN CHECK")).toBeVisible();
  await expect(desk.pinField(page)).toHaveCount(0);
});
