// A link to a page whose form also stands in a dialog here: open the dialog instead.
for (const link of document.querySelectorAll("a[data-dialog]")) {
  const dialog = document.getElementById(link.dataset.dialog);
  if (!dialog?.showModal) continue;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
    dialog.querySelector(".input")?.focus();
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    for (const form of dialog.querySelectorAll("form")) form.reset();
    dialog.querySelector(".input")?.dispatchEvent(new Event("input"));
  });
}
