// The filter, and cells that open what they lead to. Without it, everything is there and can be read.
const form = document.getElementById("filter");
const text = document.getElementById("text");
const boxes = [...form.querySelectorAll("[type=checkbox]")];
const rows = [...document.querySelectorAll("[data-class]")];
function apply() {
  const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0, all = 0;
  for (const row of rows) {
    const fits = row.dataset.class.split(" ").some((name) => wanted.has(name))
      && words.every((word) => row.dataset.text.includes(word));
    row.toggleAttribute("data-hidden", !fits);
    if (row.tagName === "TR") { all += 1; shown += fits; }
  }
  for (const body of document.querySelectorAll("tbody")) {
    body.toggleAttribute("data-hidden", !body.querySelector("[data-class]:not([data-hidden])"));
  }
  document.getElementById("shown").value = `${shown} of ${all} scenarios`;
}
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const story = target?.closest("details.case");
  // The filter may have hidden what a cell of a row leads to that it shows.
  if (story) { story.removeAttribute("data-hidden"); story.open = true; story.scrollIntoView(); story.querySelector("summary").focus({ preventScroll: true }); }
}
form.hidden = false;
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", open);
// A cell that is followed again changes no hash.
document.querySelector("table").addEventListener("click", (event) => {
  if (event.target.closest("a")?.hash === location.hash) open();
});
apply();
open();
