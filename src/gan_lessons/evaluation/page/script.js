"use strict";
const one = (selector) => document.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

// Two images under each other, the left one cut off at the divider.
const pictures = all(".gallery figure[data-view]");
const names = [...new Set(pictures.map((figure) => figure.dataset.candidate))];
const divider = one("#divider");

function pictureOf(candidate) {
  const view = one("#view") ? one("#view").value : pictures[0].dataset.view;
  return pictures.find((figure) => figure.dataset.candidate === candidate && figure.dataset.view === view);
}

function showPair() {
  for (const side of ["left", "right"]) {
    const figure = pictureOf(one(`#${side}`).value);
    const from = figure.querySelector("img"), to = one(`#${side}-image`);
    to.src = from.src;
    to.alt = from.alt;
    to.style.aspectRatio = from.style.aspectRatio;
    one(`#${side}-tag`).textContent = figure.dataset.candidate;
    one("#stage-bar").innerHTML = figure.querySelector(".bar").outerHTML;
  }
  const shown = pictureOf(names[0]).dataset.view;
  for (const figure of pictures) figure.classList.toggle("other", figure.dataset.view !== shown);
  one("#divider-label").textContent = `Divider: ${one("#left").value} left of it, ${one("#right").value} right`;
  showDivider();
}

function showDivider() {
  const share = Number(divider.value);
  one("#left-image").style.clipPath = `inset(0 ${100 - share}% 0 0)`;
  one("#handle").style.left = `${share}%`;
  divider.setAttribute("aria-valuetext", `${share} % ${one("#left").value}, ${100 - share} % ${one("#right").value}`);
}

function drag(event) {
  const box = one("#stage").getBoundingClientRect();
  divider.value = Math.round((100 * (event.clientX - box.left)) / box.width);
  showDivider();
}

function startCompare() {
  for (const side of ["left", "right"]) {
    one(`#${side}`).replaceChildren(...names.map((name) => new Option(name, name)));
    one(`#${side}`).addEventListener("change", showPair);
  }
  const results = names.filter((name) => !["raw", "wiener", "rl", "reference"].includes(name));
  one("#left").value = names.includes("raw") ? "raw" : names[0];
  one("#right").value = results[0] || names[names.length - 1];
  if (one("#view")) one("#view").addEventListener("change", showPair);
  divider.addEventListener("input", showDivider);
  one("#brighter").addEventListener("input", (event) => {
    for (const image of all("#stage img, .gallery figure[data-view] img")) image.style.filter = `brightness(${event.target.value})`;
  });
  const stage = one("#stage");
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    drag(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId)) drag(event);
  });
  one("#compare").hidden = false;
  showPair();
}

// Meanings stand beside the name that is pointed at or focused, inside of the window; Escape closes them.
const tips = all(".tip");
function placeTip(tip) {
  const text = tip.querySelector("[role=tooltip]");
  const box = tip.querySelector("button").getBoundingClientRect();
  const below = box.bottom + 4, height = text.offsetHeight;
  text.style.left = `${Math.max(8, Math.min(box.left, innerWidth - text.offsetWidth - 16))}px`;
  text.style.top = `${below + height < innerHeight ? below : Math.max(8, box.top - height - 4)}px`;
}
for (const tip of tips) {
  for (const kind of ["mouseenter", "focusin"]) {
    tip.addEventListener(kind, () => {
      tip.classList.remove("closed");
      placeTip(tip);
    });
  }
  tip.querySelector("button").addEventListener("click", () => sortBy(tip.closest("tr")));
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const tip of tips) tip.classList.add("closed");
});
addEventListener("scroll", () => tips.filter((tip) => tip.matches(":hover, :focus-within")).forEach(placeTip), { passive: true });

function sortBy(row) {
  const rank = (cell) => (cell.dataset.rank === "nan" ? Infinity : cell.dataset.rank === "inf" ? 1e300 : cell.dataset.rank === "-inf" ? -Infinity : Number(cell.dataset.rank));
  const name = row.querySelector("button").textContent;
  const cells = all("td", row);
  if (cells.every((cell) => cell.dataset.rank === "nan")) {
    one("#sorted").textContent = `${name}: neither more nor less is better; the order stays.`;
    return;
  }
  const order = cells.toSorted((a, b) => rank(a) - rank(b)).map((cell) => cell.dataset.candidate);
  for (const line of all("#table tr:not(.group)")) {
    const cellOf = Object.fromEntries(all("[data-candidate]", line).map((cell) => [cell.dataset.candidate, cell]));
    if (Object.keys(cellOf).length) line.append(...order.map((candidate) => cellOf[candidate]));
  }
  one("#sorted").textContent = `Sorted by ${name}, best first: ${order.join(", ")}.`;
}

addEventListener("beforeprint", () => { for (const part of all("details")) part.open = true; });
if (pictures.length) startCompare();
