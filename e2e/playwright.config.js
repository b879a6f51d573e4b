import { defineConfig, devices } from "@playwright/test";

// The system's Chromium, told to talk to nobody but the page's own server. *.localhost is loopback in Chromium itself.
const launchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { ...devices["Pixel 7"], defaultBrowserType: undefined, viewport: { width: 360, height: 780 } };

export default defineConfig({
  testDir: "specs",
  outputDir: "test-results",
  forbidOnly: true,
  retries: 0,
  // Every test starts a server of its own; two at a time keep a small machine busy and no more.
  workers: 2,
  fullyParallel: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: { launchOptions, locale: "en-GB", timezoneId: "UTC", trace: "retain-on-failure", screenshot: "only-on-failure" },
  projects: [
    { name: "desktop-light", use: { ...desktop, colorScheme: "light" } },
    { name: "phone-light", use: { ...phone, colorScheme: "light" }, grepInvert: /@keyboard/ },
    // What the colours can change: everything that is tagged with the look.
    { name: "desktop-dark", use: { ...desktop, colorScheme: "dark" }, grep: /@look/ },
    { name: "phone-dark", use: { ...phone, colorScheme: "dark" }, grep: /@look/ },
  ],
});
