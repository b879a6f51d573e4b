// The eye. The page never holds the PIN before it is asked for, and not for longer than the server says.
import { announce } from "./announce.js";
import { confirmCopied } from "./copy.js";

const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

async function fetchPin() {
  const answer = await fetch("/pin/reveal", {
    method: "POST",
    headers: { "x-csrf-token": token, accept: "application/json" },
    cache: "no-store",
  });
  if (answer.status === 401) location.assign("/sign-in");
  // The last proof is too old: it is given on a page of its own, which leads back here.
  if (answer.status === 403 && (await answer.clone().json().catch(() => ({}))).code === "proof_needed") {
    location.assign(`/prove?then=${location.pathname}`);
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

for (const cell of document.querySelectorAll("[data-pin]")) {
  const digits = cell.querySelector("[data-pin-digits]");
  const spoken = cell.querySelector("[data-pin-spoken]");
  const eye = cell.querySelector(".eye");
  const copy = cell.querySelector("[data-copy-pin]");
  const dots = digits.textContent;
  let timer = 0;

  const shown = () => eye.getAttribute("aria-pressed") === "true";
  const hide = () => {
    clearTimeout(timer);
    if (!shown()) return;
    digits.textContent = dots;
    spoken.textContent = spoken.dataset.hidden;
    eye.setAttribute("aria-pressed", "false");
  };
  const show = ({ pin, hide_after_seconds: seconds }) => {
    if (document.hidden) return;
    digits.textContent = pin;
    spoken.textContent = [...pin].join(" ");
    eye.setAttribute("aria-pressed", "true");
    timer = setTimeout(hide, (seconds || Number(cell.dataset.seconds)) * 1000);
  };

  cell.querySelector("[data-reveal]").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (shown()) return hide();
    try {
      show(await fetchPin());
    } catch {
      announce(cell.dataset.failed);
    }
  });

  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText((await fetchPin()).pin);
        confirmCopied(copy);
      } catch {
        announce(cell.dataset.failed);
      }
    });
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) hide(); });
  addEventListener("pagehide", hide);
}
