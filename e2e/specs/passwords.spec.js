// Passwords: forgotten and reset by mail (A2, B2), changed with meter and maker (C8).
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../fixtures/demo.js";
import { bar, signIn } from "../fixtures/portal.js";

const fresh = "seven quiet otters paint";

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

/** Asks for a link and opens the one that was mailed. */
async function openMailedLink(page, demo, brand, person) {
  await page.goto(`${brand.base_url}/sign-in`);
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByLabel("User name or e-mail address").fill(person.email);
  await clean(page, "forgot");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("status").first()).toContainText("If we know you, a link is on its way");
  await clean(page, "forgot-asked");
  let mail;
  await expect.poll(async () => {
    mail = (await demo.outbox()).findLast((one) => one.to === person.email && one.text.includes("/reset-password?token="));
    return Boolean(mail);
  }).toBe(true);
  await page.goto(mail.text.match(/http\S+token=\S+/)[0]);
  await expect(page).toHaveURL(`${brand.base_url}/reset-password`);
}

test("A2: a forgotten password is replaced through a mailed link @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("hosting-account-pin");
  await openMailedLink(page, demo, brand, person);
  await clean(page, "reset");
  await page.getByLabel("New password").fill("short");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await expect(page.getByRole("alert")).toContainText("Use at least 15 characters");
  await clean(page, "reset-problem");
  await page.getByLabel("New password").fill(fresh);
  await page.getByRole("button", { name: "Save the new password" }).click();
  await expect(page.getByRole("status").first()).toContainText("Your new password is saved");
  await signIn(page, brand, { ...person, password: fresh });
  await page.goBack();
  await page.goto(`${brand.base_url}/reset-password`);
  await expect(page.getByRole("alert")).toContainText("This link was used already");
  await clean(page, "reset-gone");
});

test("B2: the page that resets a telecom password offers a new PIN", async ({ page, demo }) => {
  const { brand, account, person } = demo.customer("telecom-admin-pin");
  await openMailedLink(page, demo, brand, person);
  await page.getByLabel("New password").fill(fresh);
  await page.getByLabel("New PIN").fill("9041");
  await clean(page, "reset-pin");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await expect(page.getByRole("status").first()).toContainText("Your new password is saved");
  expect(await demo.verify(brand, account, "9041", person)).toBe("verified");
});

test("C8: a new password is measured while it is typed, and can be made @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/profile`);
  await page.getByRole("link", { name: "Change password" }).click();
  const field = page.getByLabel("New password");
  const meter = page.locator("[data-strength]");
  await clean(page, "change");
  for (const [typed, says] of [
    ["sunshine2024", "Many people use this password"],
    ["password-password-1", "the word “password”"],
    ["too short", "Use at least 15 characters"],
    [fresh, "Strong"],
  ]) {
    await field.fill(typed);
    await expect(meter, typed).toContainText(says);
  }
  await clean(page, "change-strong");
  await page.getByRole("link", { name: "Make a strong one for me" }).click();
  await expect(field).toHaveValue(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
  await expect(field).toHaveAttribute("type", "text");
  await expect(meter).toContainText("Strong");
  await clean(page, "change-made");
  const made = await field.inputValue();
  await page.getByLabel("Present password").fill(person.password);
  await page.getByRole("button", { name: "Save the new password" }).click();
  await expect(page.getByRole("status").first()).toContainText("Your new password is saved");
  await expect(bar(page)).toBeVisible();
  await page.context().clearCookies();
  await signIn(page, brand, { ...person, password: made });
});
