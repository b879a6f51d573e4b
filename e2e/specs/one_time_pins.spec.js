// One-time PINs: the agent's page, and the customer's phone beside it (E1 to E5).
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, wrong } from "../fixtures/demo.js";
import * as desk from "../fixtures/desk.js";

const code = (page) => page.getByRole("textbox", { name: "What the caller says" });
const state = (page) => page.locator("[data-delivery]").first();

async function begin(page, demo, preset = "broker-one-time-pin") {
  const customer = demo.customer(preset);
  await desk.signIn(page, demo);
  await desk.workFor(page, customer.brand);
  await desk.open(page, customer.account);
  return customer;
}

/** The last message on the customer's phone. */
async function phone(context, demo) {
  const other = await context.newPage();
  await other.goto(`${demo.base_url}/demo/phone`);
  const text = await other.locator("main").innerText();
  await other.close();
  const sent = await demo.outbox();
  const last = sent.at(-1);
  expect(text).toContain(last.text.slice(0, 40));
  return last;
}

const digits = (message) =>
  message.channel === "voice"
    ? message.text.match(/PIN is: ([\d, ]+)\./)[1].replace(/\D/g, "")
    : message.text.match(/^\d+/)[0];

async function choose(page, person) {
  await page.getByRole("group", { name: "To whom?" }).getByRole("radio", { name: person }).check();
}

async function say(page, said, word) {
  await page.evaluate(() => document.documentElement.setAttribute("data-before", ""));
  await code(page).fill(said);
  await expect(page.locator("html[data-before]")).toHaveCount(0);
  await expect(desk.result(page, word)).toBeVisible();
}

async function clean(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect.soft(faults, name).toEqual([]);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(tooWide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  const shots = process.env.COUNTERSIGN_SHOTS;
  if (shots) await page.screenshot({ path: `${shots}/${name}-${test.info().project.name}.png`, fullPage: true });
}

test("E1 to E4: an agent sends a code by text, the caller reads it from the phone, and the table opens @look", async ({ page, demo, context }) => {
  await begin(page, demo);
  await clean(page, "codes-before");
  const needs = page.locator(".allowed li.no");
  await expect(needs).toHaveCount(3);
  await choose(page, /Owner/);
  await page.getByRole("button", { name: "Send by text message" }).click();
  await expect(page.getByText("The one-time PIN is on its way.")).toBeVisible();
  // Nobody loads the page again: the line changes by itself.
  await expect(state(page).getByText("sent", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Send by call" })).toBeDisabled();
  await expect(page.getByText(/Another one can be sent in \d+ second/)).toBeVisible();
  await clean(page, "codes-sent");
  const message = await phone(context, demo);
  expect(message.channel).toBe("sms");
  const right = digits(message);
  expect(right).toMatch(/^\d{4}$/);
  await say(page, wrong(right), "NOT VERIFIED");
  await expect(needs).toHaveCount(3);
  await clean(page, "codes-denied");
  await say(page, right, "VERIFIED");
  await expect(needs).toHaveCount(0);
  await clean(page, "codes-verified");
  // Again, for a related action in the same conversation.
  await say(page, right, "VERIFIED");
  const html = await page.content();
  expect(html).not.toContain(`>${right}<`);
});

test("E2: half a minute later the same agent switches to a call, and only the newest counts", async ({ page, demo, context }) => {
  await page.clock.install();
  await begin(page, demo);
  await choose(page, /Owner/);
  await page.getByRole("button", { name: "Send by text message" }).click();
  await expect(state(page)).toBeVisible();
  const first = digits(await phone(context, demo));
  const call = page.getByRole("button", { name: "Send by call" });
  await expect(call).toBeDisabled();
  await page.clock.fastForward(31_000);
  await expect(call).toBeEnabled();
  // The page's clock ran ahead of the server's, which is asked anew and still says no.
  await call.click();
  await expect(page.getByText("One was sent a moment ago.")).toBeVisible();
  await say(page, first, "VERIFIED");
});

test("E5: a number that nobody confirmed cannot be chosen, and the page says what the customer does", async ({ page, demo }) => {
  await begin(page, demo);
  await expect(page.getByText("the number was never confirmed")).toBeVisible();
  await expect(page.getByText("A contact cannot confirm a number.")).toBeVisible();
  await page.getByText("The caller says that the number is wrong").click();
  await expect(page.getByText("Take no number from a caller")).toBeVisible();
  await expect(page.getByRole("group", { name: "To whom?" }).getByRole("radio")).toHaveCount(3);
});

test("a second method beside the Support PIN opens what needs two @look", async ({ page, demo, context }) => {
  const { pin } = await begin(page, demo, "hosting-account-pin");
  await desk.check(page, pin, "VERIFIED");
  await expect(page.getByText("needs a second proof too")).toBeVisible();
  await choose(page, /Owner/);
  await page.getByRole("button", { name: "Send by text message" }).click();
  await expect(state(page)).toBeVisible();
  await say(page, digits(await phone(context, demo)), "VERIFIED");
  await expect(page.getByText("two methods.")).toBeVisible();
  await expect(page.getByText("verified by two methods")).toBeVisible();
  await clean(page, "codes-strong");
});

test("E2 without script: the state is read by loading again, and a button checks", async ({ browser, demo }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const page = await plain.newPage();
  const { account, brand } = demo.customer("broker-one-time-pin");
  const staff = demo.agent();
  await page.goto(`${demo.base_url}/desk/sign-in`);
  await page.getByLabel("Username", { exact: true }).fill(staff.username);
  await page.getByLabel("Password", { exact: true }).fill(staff.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await desk.giveCode(page, demo.authenticator(staff).fresh());
  await page.getByLabel("Brand", { exact: true }).selectOption({ label: brand.name });
  await page.getByRole("button", { name: "Switch" }).click();
  await desk.searchBox(page).fill(account.account_number);
  await desk.searchBox(page).press("Enter");
  await choose(page, /Owner/);
  await page.getByRole("button", { name: "Send by text message" }).click();
  await expect(async () => {
    await page.reload();
    await expect(state(page).getByText("sent", { exact: true })).toBeVisible({ timeout: 500 });
  }).toPass();
  await code(page).fill(digits((await demo.outbox()).at(-1)));
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(desk.result(page, "VERIFIED")).toBeVisible();
  await plain.close();
});
