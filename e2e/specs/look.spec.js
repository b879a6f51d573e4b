// Every page: no accessibility fault, nothing wider than the screen, light enough for a phone on a bad line.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, wrong } from "../fixtures/demo.js";
import * as desk from "../fixtures/desk.js";
import { lockedBanner, pages, signIn } from "../fixtures/portal.js";

async function clean(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect.soft(faults, name).toEqual([]);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(tooWide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
}

test("portal pages pass axe @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("hosting-account-pin");
  await page.goto(`${brand.base_url}/sign-in`);
  await clean(page, "sign-in");
  await signIn(page, brand, person);
  for (const path of [...pages, "/account-settings/edit-pin", "/security/sign-out-everywhere", "/nothing-here"]) {
    await page.goto(brand.base_url + path);
    await clean(page, path);
  }
  await page.goto(`${brand.base_url}/account-settings`);
  await page.getByRole("link", { name: "Edit PIN" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await clean(page, "Edit PIN dialog");
});

test("a locked portal passes axe @look", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer("cloud-user-pin");
  for (let nth = 1; nth <= 6; nth += 1) await demo.verify(brand, account, wrong(pin, nth), person);
  await signIn(page, brand, person);
  for (const path of ["/", "/profile", "/unlock"]) {
    await page.goto(brand.base_url + path);
    await clean(page, path);
  }
  await page.goto(`${brand.base_url}/`);
  await lockedBanner(page).getByRole("link", { name: "Unlock" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await clean(page, "unlock dialog");
});

test("desk pages pass axe @look", async ({ page, demo }) => {
  const { brand, account, pin } = demo.customer("hosting-account-pin");
  await page.goto(`${demo.base_url}/desk/sign-in`);
  await clean(page, "desk sign-in");
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await clean(page, "search");
  await desk.searchBox(page).fill(account.name.slice(0, 3));
  await desk.searchBox(page).press("Enter");
  await expect(page.getByRole("heading", { name: /found$/ })).toBeVisible();
  await clean(page, "hits");
  await desk.open(page, account);
  await clean(page, "not verified yet");
  await desk.check(page, wrong(pin), "NOT VERIFIED");
  await clean(page, "not verified");
  await desk.check(page, pin, "VERIFIED");
  await clean(page, "verified");
  await desk.open(page, account, { outbound: true });
  await clean(page, "outbound");
});

test("the demo's pages and the API reader pass axe @look", async ({ page, demo }) => {
  for (const path of ["/demo", "/demo/phone", "/api"]) {
    const answer = await page.goto(demo.base_url + path);
    expect(answer.status(), path).toBe(200);
    await clean(page, path);
  }
});

test("no page weighs more than 100 KB with everything that it loads", async ({ demo, browser }) => {
  const { brand, account, person } = demo.customer("hosting-account-pin");
  const weigh = async (name, context, address) => {
    const page = await context.newPage();
    const transfer = await page.context().newCDPSession(page);
    await transfer.send("Network.enable");
    await transfer.send("Network.setCacheDisabled", { cacheDisabled: true });
    let bytes = 0;
    transfer.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
    await page.goto(address, { waitUntil: "networkidle" });
    expect(bytes, name).toBeGreaterThan(1_000);
    expect(bytes, name).toBeLessThan(100_000);
    await page.close();
  };
  const customer = await browser.newContext();
  const page = await customer.newPage();
  await signIn(page, brand, person);
  for (const path of pages) await weigh(path, customer, brand.base_url + path);
  const agent = await browser.newContext();
  const atDesk = await agent.newPage();
  await desk.signIn(atDesk, demo);
  await desk.workFor(atDesk, brand);
  await weigh("desk", agent, `${demo.base_url}/desk`);
  await desk.open(atDesk, account);
  await weigh("conversation", agent, atDesk.url());
  await customer.close();
  await agent.close();
});

test("a PIN that cannot be shown has its explanation below it, in plain type @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("telecom-admin-pin");
  await signIn(page, brand, person);
  const hint = page.getByText("stored so that nobody can read it again");
  const dots = page.locator(".passport .pin-cell");
  const [below, above] = [await hint.boundingBox(), await dots.boundingBox()];
  expect(below.y).toBeGreaterThanOrEqual(above.y + above.height - 1);
  expect(await hint.evaluate((it) => getComputedStyle(it).fontWeight)).toBe("400");
  await expect(page.getByRole("link", { name: "Set a new PIN" })).toBeVisible();
  await clean(page, "home");
});
