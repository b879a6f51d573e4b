// D: the PIN of the person (preset cloud-user-pin).
import { expect, test, wrong } from "../fixtures/demo.js";
import * as desk from "../fixtures/desk.js";
import { bar, eye, lockedBanner, neverAsk, pages, reveal, signIn } from "../fixtures/portal.js";

const preset = "cloud-user-pin";

async function lock(demo, { brand, account, person, pin }) {
  for (let nth = 1; nth <= 5; nth += 1) expect(await demo.verify(brand, account, wrong(pin, nth), person)).toBe("denied");
  const sixth = await demo.verify(brand, account, wrong(pin, 6), person);
  expect(["denied", "locked"]).toContain(sixth);
  expect(await demo.verify(brand, account, pin, person), "the right PIN after the lock").toBe("locked");
}

test("D1: a person sees their own PIN and nobody else's", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer(preset, "admin");
  await signIn(page, brand, person);
  expect(await reveal(bar(page))).toBe(pin);
  const others = account.people.filter((one) => one.id !== person.id && one.support_pin && one.support_pin !== pin);
  expect(others.length).toBeGreaterThan(0);
  for (const path of pages) {
    await page.goto(brand.base_url + path);
    for (const button of await eye(page).all()) await button.click();
    await expect(page.locator("[data-pin-digits]").first()).toHaveText(pin);
    const html = await page.content();
    for (const other of others) expect(html, path).not.toContain(other.support_pin);
  }
});

test("D2: each rule is shown live, and the server answers with the same rule", async ({ page, demo }) => {
  const { brand, person } = demo.customer(preset);
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/profile`);
  const field = page.getByLabel("New PIN");
  const rule = (name) => page.locator(`[data-rule="${name}"]`);
  const marks = async (code, length, equal, sequence) => {
    await field.fill(code);
    await expect(rule("length"), code).toHaveAttribute("data-mark", length);
    await expect(rule("equal_in_a_row"), code).toHaveAttribute("data-mark", equal);
    await expect(rule("in_sequence"), code).toHaveAttribute("data-mark", sequence);
  };
  await marks("111", "broken", "held", "held");
  await marks("121212", "held", "held", "held");
  await marks("111192", "held", "broken", "held");
  await marks("345907", "held", "held", "held");
  await marks("345697", "held", "held", "broken");
  await marks("976543", "held", "held", "broken");
  await expect(page.locator("[data-rule]")).toHaveCount(3);

  for (const [code, name] of [["111192", "equal_in_a_row"], ["976543", "in_sequence"], ["48291", "length"]]) {
    await field.fill(code);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText("The old PIN is still in use."), code).toBeVisible();
    await expect(rule(name), code).toHaveAttribute("data-mark", "broken");
  }
});

test("D3: the profile shows the PIN, and a new one is typed there", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer(preset);
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/profile`);
  const section = page.locator("#support-pin");
  await expect(section.getByRole("heading", { name: "Support PIN" })).toBeVisible();
  await expect(section).toContainText(neverAsk);
  expect(await reveal(section)).toBe(pin);
  const chosen = pin === "905172" ? "905173" : "905172";
  await page.getByLabel("New PIN").fill(chosen);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Your new Support PIN is saved.")).toBeVisible();
  expect(await reveal(bar(page))).toBe(chosen);
  expect(await demo.verify(brand, account, chosen, person)).toBe("verified");
});

test("D4: six wrong tries lock it; banner, one e-mail, unlock with a confirmation", async ({ page, demo }) => {
  const customer = demo.customer(preset);
  const { brand, account, person, pin } = customer;
  await lock(demo, customer);
  const notices = async () =>
    (await demo.outbox()).filter((one) => one.channel === "email" && one.to === person.email);
  await expect.poll(async () => (await notices()).length).toBe(1);
  const [notice] = await notices();
  expect(notice.text, "D6: the warning in the message").toContain(neverAsk);
  expect(notice.text).not.toContain(pin);

  await signIn(page, brand, person);
  for (const path of pages) {
    await page.goto(brand.base_url + path);
    await expect(lockedBanner(page), path).toBeVisible();
  }
  await lockedBanner(page).getByRole("link", { name: "Unlock" }).click();
  const dialog = page.getByRole("dialog", { name: "Unlock your Support PIN?" });
  await expect(dialog).toBeVisible();
  expect(await demo.verify(brand, account, pin, person), "before the confirmation").toBe("locked");
  await dialog.getByRole("button", { name: "Unlock only" }).click();
  await expect(page.getByText("Support PIN unlocked!")).toBeVisible();
  await expect(lockedBanner(page)).toHaveCount(0);
  expect(await demo.verify(brand, account, pin, person)).toBe("verified");
  expect((await notices()).filter((one) => one.text.includes("was locked")).length, "one e-mail for one lock").toBe(1);
});

test("D4: tries at the desk and through the API are counted together", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer(preset);
  for (let nth = 1; nth <= 4; nth += 1) await demo.verify(brand, account, wrong(pin, nth), person);
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await desk.open(page, account);
  await desk.check(page, wrong(pin, 5), "NOT VERIFIED", /Owner/);
  await desk.check(page, wrong(pin, 6), "LOCKED", /Owner/);
});

test("D8: a locked PIN never blocks the sign-in", async ({ page, demo }) => {
  const customer = demo.customer(preset, "member");
  await lock(demo, customer);
  await signIn(page, customer.brand, customer.person);
  await expect(lockedBanner(page)).toContainText("Signing in here is not affected.");
});

test("D6: the desk checks no PIN in a conversation that we opened", async ({ page, demo }) => {
  const { brand, account } = demo.customer(preset);
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await desk.open(page, account, { outbound: true });
  await expect(desk.result(page, "NO PIN CHECK")).toBeVisible();
  await expect(desk.pinField(page)).toHaveCount(0);
});
