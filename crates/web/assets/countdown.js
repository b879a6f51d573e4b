// The time a match still counts. Only three moments are read aloud: five minutes, one minute, the end.
for (const clock of document.querySelectorAll("[data-countdown]")) {
  const face = clock.querySelector("[data-countdown-clock]");
  const said = document.querySelector("[data-countdown-said]");
  const end = performance.now() + Number(clock.dataset.countdown) * 1000;
  let last = Infinity;
  const ticking = setInterval(() => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    face.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left <= 300 && last > 300 && last !== Infinity) said.textContent = clock.dataset.saidFive;
    if (left <= 60 && last > 60 && last !== Infinity) said.textContent = clock.dataset.saidOne;
    last = left;
    if (left === 0) {
      clearInterval(ticking);
      said.textContent = clock.dataset.saidEnd;
      // The server decides; the page asks it again and then shows that the time is over.
      setTimeout(() => location.reload(), 1500);
    }
  }, 1000);
}
