// Buttons that copy what they carry; without a clipboard they stay away.
import { announce } from "./announce.js";

export function confirmCopied(button) {
  announce(button.dataset.done);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const copy = async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      confirmCopied(button);
    };
    button.addEventListener("click", copy);
    button.closest("[data-copy-source]")?.querySelector(".digits")?.addEventListener("click", copy);
  }
}
