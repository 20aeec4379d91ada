"use strict";
// Draws any hour of the kept days over the streets of the picture, and couriers on their way. All
// names come from the page's own data and are put in place as text, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("day-map-data").textContent);
  const stage = document.getElementById("day-map-stage");
  const canvas = stage.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const find = (name) => document.getElementById(`day-map-${name}`);
  const [days, hours, minutes, play, who, colours] =
    ["day", "hour", "minute", "play", "courier", "colour"].map(find);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const LETTERS = "abcdefghijklmnopqrstuvwxy";
  const INK = "#1b1f24";
  const PAPER = "#fff";
  const MOST_ROWS = 12;
  const MOST_ZOOM = 16;
  const [width, height] = data.size;
  const picture = stage.querySelector("svg");
  const bar = stage.querySelector(".bar");
  const view = { x: 0, y: 0, w: width };

  // "12a3" is twelve zeros, a one, three zeros; a z adds 25 to what follows it.
  function values(text) {
    const found = [];
    for (const [, zeros, more, letter] of text.matchAll(/(\d*)(z*)([a-y]?)/g)) {
      for (let n = Number(zeros); n > 0; n -= 1) found.push(0);
      if (letter) found.push(25 * more.length + LETTERS.indexOf(letter) + 1);
    }
    return found;
  }

  const points = [];
  for (let n = 0, x = 0, y = 0; n < data.points.length; n += 2) {
    points.push([(x += data.points[n]), (y += data.points[n + 1])]);
  }
  const cell = (point) => points[point];
  const beside = points.map(() => []);
  const streets = [];
  data.streets.split(";").forEach((row, one) => {
    if (!row) return;
    const others = row.split(",").map((back) => one - Number(back));
    for (const other of others.sort((a, b) => a - b)) {
      streets.push([one, other]);
      beside[one].push(other);
      beside[other].push(one);
    }
  });
  beside.forEach((others) => others.sort((a, b) => a - b));

  function ways(before, at) {
    if (before < 0) return beside[at];
    const [x0, y0] = points[before];
    const [x1, y1] = points[at];
    const bend = (other) => {
      const dx = points[other][0] - x1;
      const dy = points[other][1] - y1;
      const along = (x1 - x0) * dx + (y1 - y0) * dy;
      return -((along * Math.abs(along)) / (dx * dx + dy * dy));
    };
    const on = beside[at].filter((other) => other !== before);
    return [...on.sort((a, b) => bend(a) - bend(b) || a - b), before];
  }

  const paths = data.paths.map((text) => {
    const [first, steps] = text.split(":");
    const path = [Number(first)];
    for (const rank of values(steps)) {
      path.push(ways(path.length > 1 ? path.at(-2) : -1, path.at(-1))[rank]);
    }
    return path;
  });
  const along = paths.map((path) => {
    let gone = 0;
    return path.map((point, n) => {
      if (n) gone += Math.hypot(...[0, 1].map((k) => points[point][k] - points[path[n - 1]][k]));
      return gone;
    });
  });
  for (const day of data.days) {
    const { start, minutes: spent, hour, courier, parcels, path } = day.trips;
    const begun = values(hour);
    let tenths = 0;
    let hourOfIt = 0;
    day.all = start.map((step, n) => {
      tenths += step;
      hourOfIt += begun[n];
      return {
        start: tenths / 10, end: (tenths + spent[n]) / 10, hour: hourOfIt,
        courier: courier[n], parcels: parcels[n], path: path[n],
      };
    });
  }

  const two = (n) => String(n).padStart(2, "0");
  const clock = (minute) => `${two(Math.floor(minute / 60) % 24)}:${two(Math.floor(minute) % 60)}`;
  const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  const long = (n) => (n < 60 ? `${n} min` : `${Math.floor(n / 60)} h ${two(n % 60)} min`);
  let day, hour, trips, load, late, now;
  let at = 30; // minutes past the hour; whole ones but while it plays
  let timer = 0;
  let lastFrame = 0;
  let marked = -1;
  let moved = false; // the map, by hand, since it was seen whole

  function choose() {
    day = data.days[Number(days.value)];
    hours.max = day.hours.length - 1;
    hour = day.hours[Number(hours.value)];
    trips = day.all.filter((trip) => trip.hour === hour);
    late = day.late.filter((one) => one[2] === hour);
    marked = -1;
    load = new Map();
    for (const trip of trips) {
      const path = paths[trip.path];
      const own = new Set();
      for (let n = 1; n < path.length; n += 1) {
        own.add(Math.max(path[n], path[n - 1]) * points.length + Math.min(path[n], path[n - 1]));
      }
      for (const street of own) load.set(street, (load.get(street) || 0) + 1);
    }
    const drivers = [...new Set(trips.map((trip) => trip.courier))].sort((a, b) => a - b);
    const before = who.value;
    const options = drivers.map((n) => new Option(`courier ${n}`, n));
    who.replaceChildren(new Option("all", ""), ...options);
    who.value = drivers.includes(Number(before)) && before !== "" ? before : "";
    const span = `${two(hour)}:00 to ${two(hour + 1)}:00`;
    hours.setAttribute("aria-valuetext", span);
    find("hour-told").textContent = span;
    const most = load.size ? Math.max(...load.values()) : 0;
    find("told").textContent =
      `Day ${day.day}, ${span}: ${count(trips.length, "trip")} of ` +
      `${count(drivers.length, "courier")}; the busiest street had ${most.toLocaleString("en")} ` +
      `of them; ${count(late.length, "parcel")} came late.`;
    list();
    move();
  }

  function list() {
    const rows = [...late.keys()].sort((a, b) => late[b][1] - late[a][1]).slice(0, MOST_ROWS);
    find("late").hidden = late.length === 0;
    find("late-body").replaceChildren(...rows.map((n) => {
      const [when, by, , shop] = late[n];
      const row = document.createElement("tr");
      for (const text of [data.shops[shop], clock(when), long(by)]) {
        row.append(Object.assign(document.createElement("td"), { textContent: text }));
      }
      const show = Object.assign(document.createElement("button"), {
        type: "button", textContent: "show",
      });
      show.setAttribute("aria-label", `show on the map: from ${data.shops[shop]}, ${clock(when)}`);
      show.setAttribute("aria-pressed", "false");
      show.addEventListener("click", () => {
        marked = marked === n ? -1 : n;
        for (const other of find("late-body").querySelectorAll("button")) {
          other.setAttribute("aria-pressed", String(other === show && marked === n));
        }
        if (marked >= 0) {
          bringIntoView([...shopAndDoor(late[marked]), ...journey(late[marked]).flat()]);
        }
        draw();
      });
      const last = document.createElement("td");
      last.append(show);
      row.append(last);
      return row;
    }));
    const more = late.length - rows.length;
    find("late-more").textContent = more > 0 ? `and ${more.toLocaleString("en")} less late` : "";
  }

  function move() {
    minutes.value = Math.floor(at);
    now = hour * 60 + at;
    minutes.setAttribute("aria-valuetext", clock(now));
    find("minute-told").textContent = clock(now);
    const driving = onTheirWay();
    const laden = driving.filter((trip) => trip.parcels > 0).length;
    find("driving").textContent =
      `${count(driving.length, "courier")} driving, ${laden.toLocaleString("en")} with parcels` +
      (byVolume() && !day.full ? "; volumes of this day were not kept" : "");
    stage.parentElement.classList.toggle("volumes", byVolume());
    draw();
  }

  const byVolume = () => colours?.value === "full";
  const onTheirWay = () => day.all.filter((trip) => trip.start <= now && now < trip.end);

  function place(trip) {
    const path = paths[trip.path];
    const gone = along[trip.path];
    const want = (gone.at(-1) * (now - trip.start)) / (trip.end - trip.start);
    let n = 1;
    while (n < path.length - 1 && gone[n] < want) n += 1;
    if (path.length < 2) return points[path[0]];
    const part = (want - gone[n - 1]) / (gone[n] - gone[n - 1]);
    return [0, 1].map((k) => points[path[n - 1]][k] * (1 - part) + points[path[n]][k] * part);
  }

  function line(ends) {
    pen.beginPath();
    for (const some of ends) some.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }

  function dot([x, y], radius, fill, edge) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    Object.assign(pen, { fillStyle: fill, strokeStyle: edge });
    pen.fill();
    pen.stroke();
  }

  function look(x, y, w) {
    view.w = Math.min(Math.max(w, width / MOST_ZOOM), width);
    view.x = Math.min(Math.max(x, 0), width - view.w);
    view.y = Math.min(Math.max(y, 0), height - (view.w * height) / width);
    const tall = (view.w * height) / width;
    picture.setAttribute("viewBox", [view.x, view.y, view.w, tall].join(" "));
    stage.classList.toggle("near", view.w < width);
    if (view.w === width) moved = false;
    const wanted = (view.w * data.cell) / 4;
    const power = 10 ** Math.floor(Math.log10(wanted));
    const length = [5, 2, 1].find((step) => step * power <= wanted) * power;
    bar.style.width = `${(100 * length) / (view.w * data.cell)}%`;
    bar.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
    draw();
  }

  // Straight lines from where a way ends to where the next begins, if that is elsewhere.
  const gaps = (ways) =>
    ways.slice(1)
      .map((way, n) => [ways[n].at(-1), way[0]])
      .filter(([[x0, y0], [x1, y1]]) => x0 !== x1 || y0 !== y1);

  const shopAndDoor = (mark) => [mark.slice(4, 6), mark.slice(6, 8)];

  // The trips on which a parcel was on board, as paths of cells; trips that the page leaves out,
  // such as those of the day before, leave gaps.
  function journey(mark) {
    const [courier, from, until] = mark.slice(8);
    return day.all
      .filter((trip) => trip.courier === courier && 10 * trip.start >= from - 1 &&
        10 * trip.end <= until + 1)
      .map((trip) => paths[trip.path].map(cell));
  }

  function bringIntoView(some) {
    const tall = (view.w * height) / width;
    const seen = ([x, y]) =>
      x > view.x && x < view.x + view.w && y > view.y && y < view.y + tall;
    if (some.every(seen)) return;
    const [x0, y0, x1, y1] = [0, 1, 2, 3].map((side) =>
      (side < 2 ? Math.min : Math.max)(...some.map((point) => point[side % 2])));
    const w = Math.max(view.w, 1.2 * (x1 - x0), (1.2 * (y1 - y0) * width) / height);
    look((x0 + x1 - w) / 2, (y0 + y1 - (w * height) / width) / 2, w);
  }

  // What a look from near turns to, until the reader moves the map: the parcel shown, or the point of the hour's trips that
  // lies in their midst, so that it is never an empty part of the map.
  function midst() {
    const one = who.value;
    const own = one === "" ? trips : trips.filter((trip) => trip.courier === Number(one));
    const passed = marked >= 0
      ? [...journey(late[marked]).flat(), ...shopAndDoor(late[marked])]
      : own.flatMap((trip) => paths[trip.path].map(cell));
    const middle = [0, 1].map((k) => {
      const values = passed.map((point) => point[k]).sort((a, b) => a - b);
      return values[Math.floor(values.length / 2)];
    });
    const far = ([x, y]) => Math.hypot(x - middle[0], y - middle[1]);
    return passed.reduce((a, b) => (far(b) < far(a) ? b : a));
  }

  function zoom(by) {
    const w = Math.min(Math.max(view.w * by, width / MOST_ZOOM), width);
    const [x, y] = by < 1 && !moved
      ? midst()
      : [view.x + view.w / 2, view.y + (view.w * height) / width / 2];
    look(x - w / 2, y - (w * height) / width / 2, w);
  }

  function draw() {
    const wide = stage.clientWidth || data.pixels;
    const sharp = Math.round(wide * (window.devicePixelRatio || 1));
    if (canvas.width !== sharp) {
      canvas.width = sharp;
      canvas.height = Math.round((sharp * height) / width);
    }
    const scale = sharp / view.w;
    pen.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
    pen.clearRect(view.x, view.y, view.w, (view.w * height) / width);
    Object.assign(pen, { lineCap: "round", lineJoin: "round" });
    // In a narrow window marks shrink, but less than the map does.
    const pixel = (view.w / wide) * Math.min(1, Math.max(0.75, wide / data.pixels));
    if (byVolume()) drawFull(pixel);
    else drawLoad(pixel);
    const one = who.value;
    if (one !== "") {
      const own = trips.filter((trip) => trip.courier === Number(one));
      Object.assign(pen, { strokeStyle: PAPER, lineWidth: 6 * pixel });
      line(own.map((trip) => paths[trip.path].map(cell)));
      Object.assign(pen, { strokeStyle: "#009E73", lineWidth: 3.5 * pixel });
      line(own.map((trip) => paths[trip.path].map(cell)));
    }
    pen.lineWidth = pixel;
    if (marked >= 0) drawMarked(late[marked], pixel);
    pen.lineWidth = pixel;
    if (find("show-late").checked) {
      late.forEach((mark, n) => n === marked || drawLate(mark, pixel));
    }
    pen.lineWidth = 1.5 * pixel;
    for (const trip of onTheirWay()) {
      if (one !== "" && trip.courier !== Number(one)) continue;
      const [fill, edge] = trip.parcels ? [INK, PAPER] : [PAPER, INK];
      dot(place(trip), 4 * pixel, fill, edge);
    }
  }

  function drawLoad(pixel) {
    pen.globalAlpha = who.value === "" ? 1 : 0.35;
    data.loads.forEach(([least, colour, width], n) => {
      const below = n + 1 < data.loads.length ? data.loads[n + 1][0] : Infinity;
      Object.assign(pen, { strokeStyle: colour, lineWidth: width * pixel });
      const own = [...load].filter(([, many]) => least <= many && many < below);
      line(own.map(([key]) => [Math.floor(key / points.length), key % points.length].map(cell)));
    });
    pen.globalAlpha = 1;
  }

  function drawFull(pixel) {
    if (!day.full) return;
    const classes = values(day.full[hour]);
    data.fullness.forEach((colour, n) => {
      Object.assign(pen, { strokeStyle: colour, lineWidth: (1.5 + n) * pixel });
      line(streets.filter((_, row) => classes[row] === n).map((ends) => ends.map(cell)));
    });
  }

  function drawLate([, by, , , , , x, y], pixel) {
    const [, colour, radius] = data.lateness.find(([most]) => by <= most);
    dot([x, y], radius * pixel, colour, PAPER);
  }

  function drawMarked(mark, pixel) {
    const [[shopX, shopY], door] = shopAndDoor(mark);
    const ways = journey(mark);
    for (const [colour, width] of [[PAPER, 6], [INK, 3]]) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: width * pixel });
      line(ways);
    }
    pen.lineWidth = 1.5 * pixel;
    pen.setLineDash([5 * pixel, 4 * pixel]);
    line(gaps([[[shopX, shopY]], ...ways, [door]]));
    pen.setLineDash([]);
    pen.fillStyle = PAPER;
    const half = 6 * pixel;
    pen.fillRect(shopX - half, shopY - half, 2 * half, 2 * half);
    pen.strokeRect(shopX - half, shopY - half, 2 * half, 2 * half);
    drawLate(mark, 1.6 * pixel);
  }

  // Two minutes of the day a second; without motion, five minutes at a time and a second apart.
  function step(time) {
    if (!timer) return;
    if (still.matches) {
      if (time - lastFrame >= 1000) advance(5, time);
    } else if (time - lastFrame >= 40) {
      advance(Math.min(time - lastFrame, 200) / 500, time);
    }
    if (timer) timer = requestAnimationFrame(step);
  }

  function advance(by, time) {
    lastFrame = time;
    at += by;
    if (at < 60) {
      move();
    } else if (Number(hours.value) < day.hours.length - 1) {
      hours.value = Number(hours.value) + 1;
      at = 0;
      choose();
    } else {
      at = 59;
      move();
      stop();
    }
  }

  function stop() {
    cancelAnimationFrame(timer);
    timer = 0;
    play.textContent = "Play";
    play.setAttribute("aria-label", "Play: couriers drive");
    find("told").setAttribute("aria-live", "polite");
  }

  play.addEventListener("click", () => {
    if (timer) {
      stop();
      return;
    }
    play.textContent = "Pause";
    play.setAttribute("aria-label", "Pause");
    find("told").setAttribute("aria-live", "off");
    lastFrame = performance.now();
    timer = requestAnimationFrame(step);
  });
  days.addEventListener("change", () => {
    const most = data.days[Number(days.value)].hours;
    const near = most.reduce((a, b) => (Math.abs(b - hour) < Math.abs(a - hour) ? b : a));
    hours.max = most.length - 1;
    hours.value = most.indexOf(near);
    choose();
  });
  hours.addEventListener("input", choose);
  minutes.addEventListener("input", () => {
    at = Number(minutes.value);
    move();
  });
  for (const one of [who, colours, find("show-late")]) one?.addEventListener("change", move);
  new ResizeObserver(draw).observe(stage);

  find("nearer").addEventListener("click", () => zoom(0.5));
  find("farther").addEventListener("click", () => zoom(2));
  find("whole").addEventListener("click", () => look(0, 0, width));
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  find("zoom").addEventListener("keydown", (event) => {
    const way = arrows[event.key];
    if (!way || view.w === width) return;
    event.preventDefault();
    moved = true;
    look(view.x + (way[0] * view.w) / 8, view.y + (way[1] * view.w) / 8, view.w);
  });
  stage.addEventListener("pointerdown", (event) => {
    if (view.w === width || event.button) return;
    stage.setPointerCapture(event.pointerId);
    const from = { x: event.clientX, y: event.clientY, left: view.x, top: view.y };
    const cells = view.w / stage.clientWidth;
    const drag = (to) => {
      moved = true;
      look(
        from.left + (from.x - to.clientX) * cells,
        from.top + (from.y - to.clientY) * cells,
        view.w,
      );
    };
    stage.addEventListener("pointermove", drag);
    const end = () => stage.removeEventListener("pointermove", drag);
    stage.addEventListener("pointerup", end, { once: true });
    stage.addEventListener("pointercancel", end, { once: true });
  });
  window.addEventListener("beforeprint", () => look(0, 0, width));

  const [first, begin] = data.start;
  days.value = first;
  hours.max = data.days[first].hours.length - 1;
  hours.value = data.days[first].hours.indexOf(begin);
  stage.classList.add("live");
  find("controls").hidden = false;
  find("still").hidden = true;
  choose();
  look(0, 0, width);
})();
