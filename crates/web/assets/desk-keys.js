// The desk by keyboard: / finds, Esc clears, ? helps; the last digit of a PIN sends it.
import { plainDigits } from "./digits.js";

const search = document.querySelector("[data-search]");
const pin = document.querySelector("[data-submit-at]");

function clearAll() {
  if (document.querySelector(".hits, .empty")) return location.assign("/desk");
  for (const field of document.querySelectorAll("main input[type=text], header input[type=text]")) field.value = "";
  (pin ?? search)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.matches?.("input[type=text], input[type=password], select, textarea");
  if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) {
    event.preventDefault();
    clearAll();
  } else if (event.key === "/" && search && (!typing || event.target === pin || (event.target === search && !search.value))) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "?" && (!typing || event.target === pin)) {
    event.preventDefault();
    document.getElementById("desk-help")?.togglePopover();
  }
});

if (pin) {
  let sent = false;
  pin.form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  pin.addEventListener("input", () => {
    const full = plainDigits(pin.value)?.length === Number(pin.dataset.submitAt);
    if (full && pin.form.checkValidity()) pin.form.requestSubmit();
  });
  for (const choice of pin.form.querySelectorAll("input[type=radio]")) {
    choice.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        choice.checked = true;
        pin.focus();
      }
    });
  }
  // A page kept by the browser must come back with an empty field and ready to send.
  addEventListener("pageshow", () => { sent = false; pin.value = ""; });
}

const brands = document.querySelector("[data-brand-switch]");
if (brands) {
  const select = brands.querySelector("select");
  brands.querySelector("button").hidden = true;
  select.addEventListener("change", () => brands.requestSubmit());
  // Whoever was quicker than this script has chosen already.
  const shown = select.querySelector("option[selected]");
  if (shown && shown.value !== select.value) brands.requestSubmit();
}
