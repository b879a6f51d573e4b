// The desk by keyboard: / finds, Esc clears, ? helps; the last digit of a PIN sends it.
import { plainDigits } from "./digits.js";

const search = document.querySelector("[data-search]");
// One for the standing PIN, one for a one-time PIN; the first is the one to begin with.
const pins = [...document.querySelectorAll("[data-submit-at]")];
const pin = pins[0];

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
  } else if (event.key === "/" && search && (!typing || pins.includes(event.target) || (event.target === search && !search.value))) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "?" && (!typing || pins.includes(event.target))) {
    event.preventDefault();
    document.getElementById("desk-help")?.togglePopover();
  }
});

for (const field of pins) {
  let sent = false;
  field.form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  field.addEventListener("input", () => {
    const full = plainDigits(field.value)?.length === Number(field.dataset.submitAt);
    if (full && field.form.checkValidity()) field.form.requestSubmit();
  });
  for (const choice of field.form.querySelectorAll("input[type=radio]")) {
    choice.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        choice.checked = true;
        field.focus();
      }
    });
  }
  // A page kept by the browser must come back with an empty field and ready to send.
  addEventListener("pageshow", () => { sent = false; field.value = ""; });
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
