// A minute before the server ends an idle session, say so and offer to stay.
const idle = Number(document.querySelector('meta[name="session-idle"]')?.content ?? 0);
const warning = document.querySelector("[data-idle]");
if (idle > 60 && warning) {
  const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
  let warn = 0;
  let end = 0;
  const start = () => {
    clearTimeout(warn);
    clearTimeout(end);
    warning.hidden = true;
    warn = setTimeout(() => { warning.hidden = false; }, (idle - 60) * 1000);
    end = setTimeout(() => location.reload(), (idle + 2) * 1000);
  };
  warning.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch(warning.dataset.keepAlive, { method: "POST", headers: { "x-csrf-token": token } }).catch(() => null);
    if (answer?.ok) start();
    else location.reload();
  });
  start();
}
