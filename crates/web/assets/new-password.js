// The meter and the maker of new passwords. The server judges; what is typed is sent to it and nowhere else, and not kept.
const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

for (const box of document.querySelectorAll("[data-new-password]")) {
  const field = box.querySelector("input");
  const meter = box.querySelector("[data-strength]");
  const words = box.querySelector("[data-strength-words]");
  const show = box.querySelector("[data-show-password] input");
  const maker = box.querySelector("[data-make-password]");
  let pause = 0;
  let question = 0;

  const tell = (level, text) => {
    meter.dataset.strength = level;
    words.textContent = text;
  };
  const judge = async () => {
    question += 1;
    const mine = question;
    if (field.value === "") return tell("", "");
    try {
      const answer = await fetch(box.dataset.strengthAt, {
        method: "POST",
        body: new URLSearchParams({ csrf: token, new_password: field.value }),
        headers: { accept: "application/json" },
        cache: "no-store",
        redirect: "error",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (mine === question) tell(told.level, told.words);
    } catch {
      if (mine === question) tell("", "");
    }
  };
  const later = () => {
    clearTimeout(pause);
    pause = setTimeout(judge, 400);
  };
  field.addEventListener("input", later);
  if (field.value !== "") later();

  maker.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch("/password/made", { headers: { accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      field.value = (await answer.json()).password;
    } catch {
      location.assign(maker.href);
      return;
    }
    field.type = "text";
    show.checked = true;
    field.focus();
    clearTimeout(pause);
    await judge();
    words.textContent = `${words.textContent}. ${maker.dataset.made}`;
  });
}
