// The page Team: who is on the account, inviting them, roles, switching off, and one's own phone number (C5, B2, E49).
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../fixtures/demo.js";
import { bar, openMenu, signIn } from "../fixtures/portal.js";

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

const row = (page, name) => page.getByRole("row").filter({ hasText: name });
const edit = (page, name) => page.getByRole("link", { name: `Edit ${name}` });
const news = (page) => page.getByRole("status").first();

async function openTeam(page, brand, account, person) {
  await signIn(page, brand, person);
  await (await openMenu(page, account)).getByRole("link", { name: "Team" }).click();
  await expect(page.getByRole("heading", { name: "Team", level: 1 })).toBeVisible();
}

/** The newest message to somebody that holds this text. */
async function received(demo, to, text) {
  let found;
  await expect.poll(async () => {
    found = (await demo.outbox()).findLast((one) => one.to === to && one.text.includes(text));
    return Boolean(found);
  }).toBe(true);
  return found;
}

async function invite(page, name, role, email) {
  await page.getByRole("link", { name: "Add a person" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("radio", { name: role }).check();
  await page.getByLabel("E-mail address").fill(email);
}

test("an owner invites somebody, who chooses a password and signs in @look", async ({ page, demo, browser }) => {
  const { brand, account, person } = demo.customer("cloud-user-pin");
  await openTeam(page, brand, account, person);
  await clean(page, "team");
  await invite(page, "Teo Park", "Member", "teo");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Type an e-mail address");
  await clean(page, "team-invite-problem");
  await page.getByLabel("E-mail address").fill("teo@example.com");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(news(page)).toContainText("The invitation is on its way");
  await expect(row(page, "Teo Park")).toContainText("Invited");
  await edit(page, "Teo Park").click();
  await expect(page.getByRole("button", { name: "Send a new link" })).toBeVisible();
  await clean(page, "team-person-invited");

  const link = (await received(demo, "teo@example.com", "/invitation?token=")).text.match(/http\S+token=\S+/)[0];
  const theirs = await (await browser.newContext({ viewport: page.viewportSize() })).newPage();
  await theirs.goto(link);
  await expect(theirs).toHaveURL(`${brand.base_url}/invitation`);
  await theirs.getByLabel("Username").fill("teo.park");
  await theirs.getByLabel("New password").fill(fresh);
  await expect(theirs.locator("[data-strength]")).toContainText("Strong");
  await clean(theirs, "join");
  await theirs.getByRole("button", { name: "Save and go to sign-in" }).click();
  await expect(news(theirs)).toContainText("Your sign-in is ready");
  await signIn(theirs, brand, { username: "teo.park", password: fresh });
  await theirs.goto(`${brand.base_url}/team`);
  await expect(theirs.getByRole("link", { name: "Add a person" })).toHaveCount(0);
  await theirs.goto(link);
  await expect(theirs.getByRole("alert")).toContainText("This link was used already");
  await clean(theirs, "join-gone");
  await theirs.context().close();
});

test("B2: in a telecom brand the invited administrator sets a Support PIN", async ({ page, demo, browser }) => {
  const { brand, account, person } = demo.customer("telecom-admin-pin");
  await openTeam(page, brand, account, person);
  await invite(page, "Ines Brandt", "Administrator", "ines@example.com");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await edit(page, "Ines Brandt").click();
  const id = page.url().split("/").pop();
  const link = (await received(demo, "ines@example.com", "/invitation?token=")).text.match(/http\S+token=\S+/)[0];
  const theirs = await (await browser.newContext({ viewport: page.viewportSize() })).newPage();
  await theirs.goto(link);
  await theirs.getByLabel("Username").fill("ines.brandt");
  await theirs.getByLabel("New password").fill(fresh);
  await theirs.getByRole("button", { name: "Save and go to sign-in" }).click();
  await expect(theirs.getByRole("alert").first()).toContainText("Type the new PIN");
  await theirs.getByLabel("New password").fill(fresh);
  await theirs.getByLabel("New PIN").fill("9041");
  await clean(theirs, "join-pin");
  await theirs.getByRole("button", { name: "Save and go to sign-in" }).click();
  await expect(news(theirs)).toContainText("Your sign-in is ready");
  expect(await demo.verify(brand, account, "9041", { id })).toBe("verified");
  await theirs.context().close();
});

test("C5: Team, edit, country code and cell phone, Save; the code confirms it and a changed number waits @look", async ({ page, demo }) => {
  const { brand, account, person } = demo.customer("cloud-user-pin");
  await openTeam(page, brand, account, person);
  await edit(page, person.name).click();
  await clean(page, "team-person-you");
  await page.getByRole("link", { name: /phone number|Confirm this number/ }).click();
  await page.getByLabel("Country code").selectOption("DE");
  await page.getByLabel("Cell phone").fill("12");
  await page.getByRole("button", { name: "Save and send the code" }).click();
  await expect(page.getByRole("alert")).toContainText("Too short for this country");
  await clean(page, "team-phone-problem");
  await page.getByLabel("Cell phone").fill("(0) 151 / 23 45 67 89");
  await page.getByRole("button", { name: "Save and send the code" }).click();
  await expect(page.getByText("+4915123456789")).toBeVisible();
  const code = (await received(demo, "+4915123456789", "confirms this number")).text.slice(0, 6);
  await page.getByLabel("Code").fill(code === "000000" ? "000001" : "000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("alert")).toContainText("You have 4 more tries");
  await clean(page, "team-phone-code");
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(news(page)).toContainText("from when it can receive sign-in codes");
  await expect(row(page, person.name)).toContainText("Receives codes from");
  await clean(page, "team-phone-waits");
  const told = await received(demo, person.phone, "another phone number took the place");
  expect(told.text).not.toContain("456789");
  const mail = await received(demo, person.email, "was changed");
  expect(mail.text).not.toContain("456789");
});

test("E49: an owner changes a role and switches somebody off and on @look", async ({ page, demo, browser }) => {
  const { brand, account, person } = demo.customer("cloud-user-pin");
  const admin = account.people.find((one) => one.role === "admin");
  const theirs = await (await browser.newContext()).newPage();
  await signIn(theirs, brand, admin);
  await openTeam(page, brand, account, person);
  await edit(page, admin.name).click();
  await clean(page, "team-person-admin");
  await page.getByRole("combobox", { name: "Role" }).selectOption({ label: "Member" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(news(page)).toContainText("The role was changed");
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/sign-in/);
  await signIn(theirs, brand, admin);
  await page.getByRole("button", { name: "Switch off this person" }).click();
  await expect(news(page)).toContainText("Everything that they were signed in to has ended");
  await clean(page, "team-person-off");
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/sign-in/);
  await page.getByRole("button", { name: "Switch on again" }).click();
  await expect(news(page)).toContainText("Switched on again");
  await signIn(theirs, brand, admin);
  await expect(bar(theirs)).toBeVisible();
  await theirs.context().close();
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });
  test("the forms of the team work all the same", async ({ page, demo }) => {
    const { brand, person } = demo.customer("cloud-user-pin");
    await page.goto(`${brand.base_url}/sign-in`);
    await page.getByLabel("Username", { exact: true }).fill(person.username);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.goto(`${brand.base_url}/team`);
    await invite(page, "Mira Lund", "Contact", "");
    await page.getByLabel("Country code").selectOption("SE");
    await page.getByLabel("Cell phone").fill("070-123 45 67");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(news(page)).toContainText("The contact is on the account");
    await expect(row(page, "Mira Lund")).toContainText("•••• 67");
    await page.goto(`${brand.base_url}/team/phone`);
    await page.getByLabel("Country code").selectOption("SE");
    await page.getByLabel("Cell phone").fill("070-123 45 68");
    await page.getByRole("button", { name: "Save and send the code" }).click();
    const code = (await received(demo, "+46701234568", "confirms this number")).text.slice(0, 6);
    await page.getByLabel("Code").fill(code);
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(row(page, person.name)).toContainText("Receives codes from");
  });
});
