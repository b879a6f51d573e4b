for (const label of document.querySelectorAll("[data-show-password]")) {
  const field = document.getElementById(label.dataset.showPassword);
  const box = label.querySelector("input");
  label.hidden = false;
  box.addEventListener("change", () => { field.type = box.checked ? "text" : "password"; });
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
