// Passkeys. The server gives the options, the browser makes or uses the key, an ordinary form carries what came of it back.
const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
const browser = window.PublicKeyCredential;
const knows = Boolean(browser?.parseCreationOptionsFromJSON && browser.parseRequestOptionsFromJSON);

/** The options of a new ceremony; nothing where the page is left for another one. */
async function begin(form) {
  const answer = await fetch(form.dataset.begin, {
    method: "POST",
    headers: { "x-csrf-token": token, accept: "application/json" },
    cache: "no-store",
    redirect: "error",
  });
  if (answer.ok) return answer.json();
  // Signed out, or the sign-in is over: the page itself knows where to go on.
  if (answer.status === 401) location.reload();
  else if (answer.status === 403) location.assign(`/prove?then=${location.pathname}`);
  else if (answer.status === 429) throw new DOMException("too many", "QuotaExceededError");
  else throw new Error(String(answer.status));
  return null;
}

const words = { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known", QuotaExceededError: "wait" };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const say = (word) => {
    for (const place of form.querySelectorAll("[data-say]")) place.hidden = place.dataset.say !== word;
  };
  if (location.origin !== form.dataset.address) say("elsewhere");
  else if (!knows) say("none");
  else {
    form.querySelector("[data-ready]").hidden = false;
    if ("first" in form.dataset && document.activeElement === document.body) button.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    button.disabled = true;
    try {
      const options = await begin(form);
      if (!options) return;
      const credential =
        form.dataset.passkey === "make"
          ? await navigator.credentials.create({ publicKey: browser.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: browser.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      say(words[error.name] ?? "failed");
      button.disabled = false;
      button.focus();
    }
  });
  addEventListener("pageshow", () => { button.disabled = false; });
}
