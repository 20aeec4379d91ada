"use strict";
// Moves the numbers of the page along with its sliders. All texts come from the page's own data and
// are put in place as text, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("slider-data").textContent);
  const panel = document.getElementById("slider");
  const ranges = [...panel.querySelectorAll("input[type=range]")];
  const boxes = [...panel.querySelectorAll("input[type=number]")];
  const rows = [...panel.querySelectorAll("tbody tr.row")];
  const note = document.getElementById("slider-note");
  const offGrid = document.getElementById("off-grid");
  const command = document.getElementById("off-grid-command");
  const offGridNote = document.getElementById("off-grid-note");
  const boxOf = (lever) => boxes.find((box) => Number(box.dataset.lever) === lever);

  // Without the dust of binary fractions: 15 / 100 is 0.15, and 0.07 * 100 is 7.
  const plain = (value) => Number(value.toPrecision(12));
  const shown = (lever, place) => plain(lever.levels[place] * lever.times);

  function show() {
    const places = ranges.map((range) => Number(range.value));
    places.forEach((place, lever) => {
      const told = data.levers[lever].told[place];
      ranges[lever].setAttribute("aria-valuetext", told);
      document.getElementById(`level-${lever}`).textContent = told;
    });
    const setting = data.settings[places.join(".")];
    note.textContent = setting.note;
    data.rows.forEach((row, number) => {
      const [mean, gap, words] = rows[number].querySelectorAll("td");
      put(mean, row.means[setting.number]);
      put(gap, row.gaps[setting.number]);
      words.querySelector("span").textContent = row.words[setting.number];
      draw(words.querySelector("svg"), row.strip, setting.number);
    });
  }

  function put(cell, [told, band]) {
    cell.querySelector("b").textContent = told;
    cell.querySelector("span").textContent = band;
  }

  function draw(svg, strip, number) {
    const [low, mean, high] = strip.ends[number];
    const [zero, band, dot] = svg.children;
    zero.setAttribute("x1", strip.zero);
    zero.setAttribute("x2", strip.zero);
    const known = mean !== null;
    band.setAttribute("visibility", known && low !== null && high !== null ? "visible" : "hidden");
    dot.setAttribute("visibility", known ? "visible" : "hidden");
    if (!known) return;
    dot.setAttribute("cx", mean);
    band.setAttribute("x", low === null ? mean : low);
    band.setAttribute("width", low === null || high === null ? 0 : Math.max(high - low, 0.5));
  }

  function typed(box) {
    const number = Number(box.dataset.lever);
    const lever = data.levers[number];
    const value = plain(box.valueAsNumber / lever.times);
    offGrid.hidden = true;
    box.removeAttribute("aria-invalid");
    if (!Number.isFinite(value)) return;
    const place = lever.levels.indexOf(value);
    if (place >= 0) {
      ranges[number].value = place;
      show();
      return;
    }
    offGrid.hidden = false;
    if (lever.whole && !Number.isInteger(value)) {
      box.setAttribute("aria-invalid", "true");
      offGridNote.textContent = `${lever.label} takes whole numbers only.`;
      command.textContent = "";
      return;
    }
    const levels = [...lever.levels, value].sort((a, b) => a - b);
    offGridNote.textContent =
      `${box.value}${lever.unit === "%" ? "%" : ""} was not run. This command runs it, and nothing that was run before:`;
    command.textContent = lever.command.replace("@@VALUES@@", () => levels.join(", "));
  }

  ranges.forEach((range, lever) => {
    range.value = data.start[lever];
    range.addEventListener("input", () => {
      const box = boxOf(lever);
      if (box) {
        box.value = shown(data.levers[lever], Number(range.value));
        box.removeAttribute("aria-invalid");
      }
      offGrid.hidden = true;
      show();
    });
    const box = boxOf(lever);
    if (box) box.value = shown(data.levers[lever], data.start[lever]);
  });
  boxes.forEach((box) => box.addEventListener("input", () => typed(box)));
  show();
  panel.hidden = false;
})();
