// Staff sign in by an identity provider: a real one, in a real browser, the whole way there and back (T32, E60).
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../fixtures/company.js";
import { Authenticator } from "../fixtures/authenticator.js";
import { giveCode } from "../fixtures/desk.js";

const robin = (groups, amr = ["pwd", "mfa"]) => ({
  robin: {
    password: "robins-secret",
    amr,
    claims: { name: "Robin Vale", preferred_username: "robin.vale", email: "robin@example.com", email_verified: true, groups },
  },
});

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

const press = (page) => page.getByRole("button", { name: "Sign in with Example account" }).click();

/** From the desk's button to the provider, and in there. */
async function enter(page, company, account = "robin") {
  await page.goto(`${company.url}/desk/sign-in`);
  await press(page);
  await page.getByLabel("Account").fill(account);
  await page.getByLabel("Secret").fill(`${account}s-secret`);
  await page.getByRole("button", { name: "Enter" }).click();
}

/** The provider still knows who they are: the button alone leads back. */
async function again(page, company) {
  await page.goto(`${company.url}/desk/sign-in`);
  await press(page);
}

const desk = (page) => page.getByRole("heading", { name: "Who is it?" });
/** The desk's menu names them and their role. */
async function worksAs(page, role) {
  await page.getByRole("button", { name: "Robin Vale" }).click();
  await expect(page.locator("#staff-menu")).toContainText(role);
}

const refusal = (page) => page.getByRole("alert");

test("a member of staff signs in by the provider, with the role of their groups; a lost group puts them out @look", async ({ page, company }) => {
  await company.know(robin(["support"]));
  await page.goto(`${company.url}/desk/sign-in`);
  await clean(page, "desk-sign-in-provider");
  await enter(page, company);
  await expect(desk(page)).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/desk");
  await worksAs(page, "Agent");

  await company.know(robin(["everybody", "leads"]));
  await again(page, company);
  await expect(desk(page)).toBeVisible();
  await worksAs(page, "Supervisor");

  const other = await (await page.context().browser().newContext()).newPage();
  await enter(other, company);
  await expect(desk(other)).toBeVisible();
  await company.know(robin(["everybody"]));
  await again(page, company);
  await expect(refusal(page)).toContainText("has given you no role at this desk");
  await clean(page, "desk-sign-in-provider-no-role");
  await other.reload();
  await expect(other, "their other session has ended too").toHaveURL(/\/desk\/sign-in/);
  await other.context().close();
  const record = await company.command("audit", "verify");
  expect(record.stdout).toContain("sound");
});

test("whoever is disabled stays out, and whoever turns back is told so", async ({ page, company }) => {
  await company.know(robin(["support"]));
  await page.goto(`${company.url}/desk/sign-in`);
  await press(page);
  await page.getByRole("button", { name: "Turn back" }).click();
  await expect(refusal(page)).toContainText("Example account did not let you in, or you turned back");
  await enter(page, company);
  await expect(desk(page)).toBeVisible();
  await company.command("staff", "disable", "robin.vale");
  await page.reload();
  await expect(page).toHaveURL(/\/desk\/sign-in/);
  await again(page, company);
  await expect(refusal(page)).toContainText("You are switched off at this desk");
});

test("where the provider tells of no second factor, ours is set up and then asked for", async ({ page, company }) => {
  await company.know(robin(["support"], ["pwd"]));
  await enter(page, company);
  await expect(page.getByRole("heading", { name: "Set up your second factor" })).toBeVisible();
  await page.getByRole("button", { name: "Show the QR code" }).click();
  const phone = new Authenticator(await page.locator("#key-text").textContent());
  await page.getByLabel("Code from the app", { exact: true }).fill(phone.fresh());
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("link", { name: "I saved them" }).click();
  await expect(desk(page)).toBeVisible();
  await again(page, company);
  await giveCode(page, phone.fresh());
  await expect(desk(page)).toBeVisible();
});

test("an answer counts once, and in no other browser", async ({ page, company }) => {
  await company.know(robin(["support"]));
  let back;
  page.on("request", (request) => {
    if (request.url().includes("/desk/oidc/callback")) back = request.url();
  });
  await enter(page, company);
  await expect(desk(page)).toBeVisible();
  await page.goto(back);
  await expect(refusal(page)).toContainText("began in another browser");
  const other = await (await page.context().browser().newContext()).newPage();
  await other.goto(back);
  await expect(refusal(other)).toContainText("began in another browser");
  await other.goto(`${company.url}/desk`);
  await expect(other).toHaveURL(/\/desk\/sign-in/);
  await other.context().close();
});

test("the page on the way says where it leads @look", async ({ page, company }) => {
  // The way on is broken off, so that the page between stays.
  await page.route(`${company.issuer}/**`, (route) => route.abort("aborted"));
  await page.goto(`${company.url}/desk/sign-in`);
  await press(page);
  const onward = page.getByRole("link", { name: "Go on to Example account" });
  await expect(onward).toHaveAttribute("href", new RegExp(`^${company.issuer}/auth\\?.*code_challenge_method=S256`));
  await clean(page, "desk-leaving");
});

test("while the provider is down the page says so and the password still leads in @look", async ({ page, company }) => {
  await company.stopProvider();
  await page.goto(`${company.url}/desk/sign-in`);
  await press(page);
  await expect(refusal(page)).toContainText("Example account does not answer now");
  await clean(page, "desk-sign-in-provider-down");
  await page.getByLabel("Username", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("not the password of Ada");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(refusal(page), "the password is looked at").toContainText("password");
  const failed = await company.command("doctor").then(() => ({ code: 0 }), (error) => error);
  expect(failed.code, "doctor ends with 1").toBe(1);
  expect(failed.stdout).toMatch(/WRONG {3}oidc .*cannot be used/);
});

test("doctor asks the provider", async ({ company }) => {
  const { stdout } = await company.command("doctor").catch((failed) => failed);
  expect(stdout).toContain(`${company.issuer} answers; it has to send browsers back to ${company.url}/desk/oidc/callback`);
});
