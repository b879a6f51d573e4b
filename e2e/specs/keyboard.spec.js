// The desk without a mouse.
import { expect, test, wrong } from "../fixtures/demo.js";
import * as desk from "../fixtures/desk.js";

test("a caller is verified with the keyboard alone, within ten seconds @keyboard", async ({ page, demo }) => {
  const { brand, account, pin } = demo.customer("hosting-account-pin");
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);

  const begun = Date.now();
  await expect(desk.searchBox(page)).toBeFocused();
  await page.keyboard.type(account.account_number);
  await page.keyboard.press("Enter");
  await expect(desk.pinField(page)).toBeFocused();
  await page.keyboard.type(pin);
  await expect(desk.result(page, "VERIFIED")).toBeVisible();
  expect(Date.now() - begun).toBeLessThan(10_000);
  await page.keyboard.press("/");
  await expect(desk.searchBox(page)).toBeFocused();
  await expect(desk.searchBox(page)).toHaveValue("");
});

test("the search box has the focus at once, and Escape clears every field @keyboard", async ({ page, demo }) => {
  const { brand, account, pin } = demo.customer("hosting-account-pin");
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await page.goto(`${demo.base_url}/desk`);
  await expect(desk.searchBox(page)).toBeFocused();
  await desk.open(page, account);
  await expect(desk.pinField(page)).toBeFocused();
  await page.keyboard.type(pin.slice(0, 3));
  await page.keyboard.press("Escape");
  await expect(desk.pinField(page)).toHaveValue("");
  await desk.check(page, wrong(pin), "NOT VERIFIED");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeHidden();
});

test("a person is chosen and verified with the keyboard alone @keyboard", async ({ page, demo }) => {
  const { brand, account, person, pin } = demo.customer("cloud-user-pin");
  await desk.signIn(page, demo);
  await desk.workFor(page, brand);
  await expect(desk.searchBox(page)).toBeFocused();
  await page.keyboard.type(account.account_number);
  await page.keyboard.press("Enter");
  const chosen = page.getByRole("group", { name: "Who is calling?" }).getByRole("radio", { name: /Owner/ });
  await expect(page.getByRole("radio").first()).toBeFocused();
  for (let step = 0; step < account.people.length && !(await chosen.evaluate((one) => one === document.activeElement)); step += 1) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await expect(desk.pinField(page)).toBeFocused();
  await page.keyboard.type(pin);
  await expect(desk.result(page, "VERIFIED")).toBeVisible();
  await expect(page.getByText(person.name).first()).toBeVisible();
});
