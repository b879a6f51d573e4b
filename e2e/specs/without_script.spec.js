// Every page works without script.
import { expect, test, wrong } from "../fixtures/demo.js";
import { giveCode } from "../fixtures/desk.js";
import { bar, lockedBanner, signIn } from "../fixtures/portal.js";

test.use({ javaScriptEnabled: false });

test("sign-in, the eye and a new PIN work without script", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer("hosting-account-pin");
  await signIn(page, brand, person);
  await bar(page).getByRole("button", { name: "Show PIN" }).click();
  await expect(page.getByText(pin)).toBeVisible();
  expect(page.url()).not.toContain(pin);

  await page.goto(`${brand.base_url}/account-settings`);
  await page.getByRole("link", { name: "Edit PIN" }).click();
  await page.getByLabel("New PIN").fill("12");
  await page.getByRole("button", { name: "Edit PIN" }).click();
  await expect(page.locator('[data-rule="length"]').last()).toHaveAttribute("data-mark", "broken");
  const chosen = wrong(pin, 314_159);
  await page.getByLabel("New PIN").last().fill(chosen);
  await page.getByRole("button", { name: "Edit PIN" }).last().click();
  await expect(page.getByText("Your new Support PIN is saved.")).toBeVisible();
  expect(await demo.verify(brand, account, chosen)).toBe("verified");
});

test("a locked PIN is unlocked without script", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer("cloud-user-pin");
  for (let nth = 1; nth <= 6; nth += 1) await demo.verify(brand, account, wrong(pin, nth), person);
  await signIn(page, brand, person);
  await lockedBanner(page).getByRole("link", { name: "Unlock" }).click();
  await expect(page.getByRole("heading", { name: "Unlock your Support PIN?" })).toBeVisible();
  await page.getByRole("button", { name: "Unlock only" }).click();
  await expect(page.getByText("Support PIN unlocked!")).toBeVisible();
  expect(await demo.verify(brand, account, pin, person)).toBe("verified");
});

test("a caller is verified at the desk without script", async ({ page, demo }) => {
  const { brand, account, pin } = demo.customer("hosting-account-pin");
  const agent = demo.agent();
  await page.goto(`${demo.base_url}/desk/sign-in`);
  await page.getByLabel("Username", { exact: true }).fill(agent.username);
  await page.getByLabel("Password", { exact: true }).fill(agent.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await giveCode(page, demo.authenticator(agent).fresh());
  const choice = page.getByLabel("Brand", { exact: true });
  await choice.selectOption({ label: brand.name });
  await page.getByRole("button", { name: "Switch" }).click();
  await page.getByRole("textbox", { name: "Account number, phone, e-mail or name" }).fill(account.account_number);
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("textbox", { name: "Support PIN", exact: true }).fill(pin);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByRole("heading", { name: "VERIFIED", exact: true })).toBeVisible();
});
