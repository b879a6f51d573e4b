// What becomes of the one-time PINs that were sent, as it happens; and the time until another may be sent.
const list = document.querySelector("[data-live]");
if (list) {
  const source = new EventSource(list.dataset.live);
  source.addEventListener("delivery", (event) => {
    const now = JSON.parse(event.data);
    const badge = list.querySelector(`[data-delivery="${CSS.escape(now.id)}"] .badge`);
    if (!badge) return;
    badge.className = `badge tone-${now.tone}`;
    badge.querySelector("use").setAttribute("href", `/assets/icons.svg#${now.icon}`);
    badge.querySelector("span").textContent = now.words;
  });
  // Nothing more will come, or nobody listens any more: whoever wants to know loads the page again.
  source.addEventListener("end", () => source.close());
  source.addEventListener("error", () => source.close());
}

const wait = document.querySelector("[data-wait]");
if (wait) {
  const buttons = document.querySelectorAll("[data-sends]");
  const end = performance.now() + Number(wait.dataset.wait) * 1000;
  const words = wait.textContent;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    for (const button of buttons) button.disabled = left > 0;
    wait.textContent = words.replace(/\d+/, String(left));
    wait.hidden = left === 0;
    return left;
  };
  const ticking = setInterval(() => {
    if (show() === 0) clearInterval(ticking);
  }, 1000);
  show();
}
