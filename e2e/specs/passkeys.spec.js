// Passkeys in a real browser with a virtual authenticator: made, second step, alone; staff's first sign-in.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../fixtures/demo.js";
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

/** A device that makes passkeys and knows who holds it. */
async function device(page, { verified = true } = {}) {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  const { authenticatorId } = await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verified,
      automaticPresenceSimulation: true,
    },
  });
  return {
    credentials: async () => (await client.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    verify: (isUserVerified) => client.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

async function password(page, address, who) {
  await page.goto(address);
  await page.getByLabel("Username", { exact: true }).fill(who.username);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const usePasskey = (page) => page.getByRole("button", { name: "Use your passkey" });
const alone = (page) => page.getByRole("button", { name: "Sign in with a passkey" });

/** A customer adds a passkey, as they would, and signs out. */
async function withPasskey(page, brand, person) {
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/security/two-factor`);
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByLabel("Name of the passkey").fill("My phone");
  await page.getByRole("button", { name: "Make the passkey" }).click();
  await expect(page.getByRole("list", { name: "Backup codes" }).getByRole("listitem")).toHaveCount(10);
  await page.context().clearCookies();
}

test("a customer adds a passkey and uses it as second step and alone @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  const phone = await device(page);
  await signIn(page, brand, person);
  await page.goto(`${brand.base_url}/security/two-factor`);
  await clean(page, "passkeys-none");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await clean(page, "passkey-add");
  await page.getByLabel("Name of the passkey").fill("My phone");
  await page.getByRole("button", { name: "Make the passkey" }).click();
  await expect(page.getByRole("list", { name: "Backup codes" }).getByRole("listitem")).toHaveCount(10);
  const [made] = await phone.credentials();
  expect(made).toMatchObject({ isResidentCredential: true, rpId: new URL(brand.base_url).hostname });
  await page.goto(`${brand.base_url}/security/two-factor`);
  await expect(page.getByText("My phone")).toBeVisible();
  await clean(page, "passkeys-list");

  await page.context().clearCookies();
  await password(page, `${brand.base_url}/sign-in`, person);
  await expect(page.getByRole("heading", { name: "Use your passkey" })).toBeVisible();
  await expect(usePasskey(page)).toBeFocused();
  await clean(page, "second-step-passkey");
  await usePasskey(page).click();
  await expect(bar(page)).toBeVisible();

  await page.context().clearCookies();
  await page.goto(`${brand.base_url}/sign-in`);
  await clean(page, "sign-in-passkey");
  await alone(page).click();
  await expect(bar(page)).toBeVisible();
});

test("a customer gives a passkey another name and removes it, and then it opens nothing @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  await device(page);
  await withPasskey(page, brand, person);
  await page.goto(`${brand.base_url}/sign-in`);
  await alone(page).click();
  await expect(bar(page)).toBeVisible();
  await page.goto(`${brand.base_url}/security/two-factor`);
  await page.getByRole("link", { name: "Change or remove My phone" }).click();
  await clean(page, "passkey-one");
  await page.getByLabel("Name of the passkey").fill("Old phone");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByText("Old phone")).toBeVisible();
  await page.getByRole("link", { name: "Change or remove Old phone" }).click();
  await page.getByRole("button", { name: "Remove the passkey" }).click();
  await expect(page.getByText("The passkey was removed.")).toBeVisible();
  await page.context().clearCookies();
  await page.goto(`${brand.base_url}/sign-in`);
  await alone(page).click();
  await expect(page.getByRole("alert").filter({ visible: true })).toContainText("This passkey does not count here");
  await clean(page, "sign-in-passkey-wrong");
});

test("a device that does not know who holds it opens nothing, and the page says so @look", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  const phone = await device(page);
  await withPasskey(page, brand, person);
  await phone.verify(false);
  await page.goto(`${brand.base_url}/sign-in`);
  await alone(page).click();
  await expect(page.getByRole("alert").filter({ visible: true })).toContainText("The browser stopped");
  await clean(page, "sign-in-passkey-stopped");
});

test("a browser that knows no passkeys says so and offers the other ways", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  await device(page);
  await withPasskey(page, brand, person);
  await page.addInitScript(() => { delete window.PublicKeyCredential; });
  await page.goto(`${brand.base_url}/sign-in`);
  await expect(page.getByText("This browser knows no passkeys here.")).toBeVisible();
  await expect(alone(page)).toBeHidden();
  await password(page, `${brand.base_url}/sign-in`, person);
  await expect(page.getByText("This browser knows no passkeys here.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Use a backup code or the recovery code" })).toBeVisible();
  await clean(page, "second-step-passkey-unknown");
});

test("without script the page says that passkeys need it", async ({ browser, demo }) => {
  const { brand } = demo.customer("cloud-user-pin");
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${brand.base_url}/sign-in`);
  await expect(page.locator("noscript p")).toBeVisible();
  await expect(alone(page)).toBeHidden();
  await context.close();
});

test("staff set a passkey up at their first sign-in, before the desk opens, and sign in with it @look", async ({ page, demo }) => {
  const agent = demo.agent();
  const desk = `http://localhost:${new URL(demo.base_url).port}/desk`;
  await demo.command("staff", "reset-2fa", agent.username, "--yes");
  await device(page);
  await password(page, `${desk}/sign-in`, agent);
  await expect(page.getByRole("heading", { name: "Set up your second factor" })).toBeVisible();
  await clean(page, "desk-set-up-passkey");
  await page.getByLabel("Name of the passkey").fill("Desk laptop");
  await page.getByRole("button", { name: "Make the passkey" }).click();
  await expect(page.getByRole("heading", { name: "Keep these codes" })).toBeVisible();
  await page.getByRole("link", { name: "I saved them" }).click();
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();

  await page.context().clearCookies();
  await password(page, `${desk}/sign-in`, agent);
  await clean(page, "desk-second-step-passkey");
  await usePasskey(page).click();
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();

  await page.context().clearCookies();
  await page.goto(`${desk}/sign-in`);
  await clean(page, "desk-sign-in-passkey");
  await alone(page).click();
  await expect(page.getByRole("heading", { name: "Who is it?" })).toBeVisible();
});

test("at another address the desk says where passkeys work @look", async ({ page, demo }) => {
  await page.goto(`${demo.base_url}/desk/sign-in`);
  await expect(page.getByText("Passkeys work at one address only.")).toBeVisible();
  await expect(page.getByRole("link", { name: /localhost:\d+\/desk\/sign-in/ })).toBeVisible();
  await clean(page, "desk-sign-in-elsewhere");
});

test("a passkey needs no mouse @keyboard", async ({ page, demo }) => {
  const { brand, person } = demo.customer("cloud-user-pin");
  await device(page);
  await withPasskey(page, brand, person);
  await password(page, `${brand.base_url}/sign-in`, person);
  await expect(usePasskey(page)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(bar(page)).toBeVisible();
});
