// One place on the page speaks: seen by all, read aloud by screen readers.
const place = document.querySelector("[data-toast]");
let timer = 0;

export function announce(text) {
  if (!place) return;
  clearTimeout(timer);
  place.textContent = text;
  timer = setTimeout(() => { place.textContent = ""; }, 5000);
}
