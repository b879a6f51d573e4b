// Each rule of a new PIN, live. The server judges again by the same names; what only it can know stays open.
import { plainDigits } from "./digits.js";

function longestRun(digits, follows) {
  let run = 1;
  let longest = digits.length ? 1 : 0;
  for (let place = 1; place < digits.length; place += 1) {
    run = follows(digits[place] - digits[place - 1]) ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

const rules = {
  length: (digits, limit) => digits.length === limit,
  equal_in_a_row: (digits, limit) => longestRun(digits, (step) => step === 0) <= limit,
  in_sequence: (digits, limit) =>
    Math.max(longestRun(digits, (step) => step === 1), longestRun(digits, (step) => step === -1)) <= limit,
};

for (const form of document.querySelectorAll("[data-pin-form]")) {
  const field = form.querySelector(".code");
  const items = [...form.querySelectorAll("[data-rule]")];
  const status = form.querySelector("[data-rule-status]");
  let pause = 0;

  const judge = () => {
    const digits = plainDigits(field.value);
    const broken = [];
    let open = field.value === "";
    for (const item of items) {
      const rule = rules[item.dataset.rule];
      let mark = "open";
      if (rule && field.value !== "") mark = digits !== null && rule(digits, Number(item.dataset.limit)) ? "held" : "broken";
      item.dataset.mark = mark;
      item.querySelector("[data-rule-state]").textContent = mark === "open" ? "" : status.dataset[mark];
      if (mark === "broken") broken.push(`${item.children[1].textContent}: ${status.dataset.broken}`);
      if (mark === "open") open = true;
    }
    clearTimeout(pause);
    pause = setTimeout(() => {
      status.textContent = broken.length ? broken.join(". ") : open ? "" : status.dataset.all;
    }, 700);
  };
  field.addEventListener("input", judge);
}
