// The server's time, running on, in the reader's zone: to hold a phone's clock against.
const shape = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { timeStyle: "medium" });
for (const clock of document.querySelectorAll("[data-server-clock]")) {
  const at = Date.parse(clock.dateTime);
  if (Number.isNaN(at)) continue;
  const opened = performance.now();
  const tell = () => { clock.textContent = shape.format(new Date(at + performance.now() - opened)); };
  tell();
  setInterval(tell, 1000);
}
