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
  const MOST_ROWS = 12;

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
    let at = 0;
    let clock = 0;
    day.all = start.map((step, n) => {
      at += step;
      clock += begun[n];
      return {
        start: at / 10, end: (at + spent[n]) / 10, hour: clock,
        courier: courier[n], parcels: parcels[n], path: path[n],
      };
    });
  }

  const two = (n) => String(n).padStart(2, "0");
  const clock = (minute) => `${two(Math.floor(minute / 60) % 24)}:${two(Math.floor(minute) % 60)}`;
  const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  const long = (n) => (n < 60 ? `${n} min` : `${Math.floor(n / 60)} h ${two(n % 60)} min`);
  let day, hour, trips, load, late, now, timer = 0, lastFrame = 0, marked = -1;

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
    who.replaceChildren(new Option("all", ""), ...drivers.map((n) => new Option(`courier ${n}`, n)));
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
      const [at, by, , shop] = late[n];
      const row = document.createElement("tr");
      for (const text of [data.shops[shop], clock(at), long(by)]) {
        row.append(Object.assign(document.createElement("td"), { textContent: text }));
      }
      const show = Object.assign(document.createElement("button"), {
        type: "button", textContent: "show",
      });
      show.setAttribute("aria-label", `show on the map: from ${data.shops[shop]}, ${clock(at)}`);
      show.setAttribute("aria-pressed", "false");
      show.addEventListener("click", () => {
        marked = marked === n ? -1 : n;
        for (const other of find("late-body").querySelectorAll("button")) {
          other.setAttribute("aria-pressed", String(other === show && marked === n));
        }
        draw();
      });
      const cell = document.createElement("td");
      cell.append(show);
      row.append(cell);
      return row;
    }));
    const more = late.length - rows.length;
    find("late-more").textContent = more > 0 ? `and ${more.toLocaleString("en")} less late` : "";
  }

  function move() {
    now = hour * 60 + Number(minutes.value);
    minutes.setAttribute("aria-valuetext", clock(now));
    find("minute-told").textContent = clock(now);
    const driving = onTheirWay();
    const laden = driving.filter((trip) => trip.parcels > 0).length;
    find("driving").textContent =
      `${count(driving.length, "courier")} driving, ${laden.toLocaleString("en")} with parcels`;
    draw();
  }

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

  function draw() {
    const [width, height] = data.size;
    const sharp = (stage.clientWidth || data.pixels) * (window.devicePixelRatio || 1);
    if (canvas.width !== Math.round(sharp)) {
      canvas.width = Math.round(sharp);
      canvas.height = Math.round((sharp * height) / width);
    }
    pen.setTransform(canvas.width / width, 0, 0, canvas.width / width, 0, 0);
    pen.clearRect(0, 0, width, height);
    Object.assign(pen, { lineCap: "round", lineJoin: "round" });
    // In a narrow window marks shrink less than the map does.
    const pixel = width / Math.max(stage.clientWidth || data.pixels, data.pixels / 2) *
      (stage.clientWidth < data.pixels / 2 ? 0.8 : 1);
    if (colours && colours.value === "full") drawFull(pixel);
    else drawLoad(pixel);
    const one = who.value;
    if (one !== "") {
      const own = trips.filter((trip) => trip.courier === Number(one));
      Object.assign(pen, { strokeStyle: "#fff", lineWidth: 6 * pixel });
      line(own.map((trip) => paths[trip.path].map((point) => points[point])));
      Object.assign(pen, { strokeStyle: "#009E73", lineWidth: 3.5 * pixel });
      line(own.map((trip) => paths[trip.path].map((point) => points[point])));
    }
    pen.lineWidth = pixel;
    if (find("show-late").checked) late.forEach((mark) => drawLate(mark, pixel));
    if (marked >= 0) drawMarked(late[marked], pixel);
    pen.lineWidth = 1.5 * pixel;
    for (const trip of onTheirWay()) {
      if (one !== "" && trip.courier !== Number(one)) continue;
      dot(place(trip), 4 * pixel, trip.parcels ? "#1b1f24" : "#fff", trip.parcels ? "#fff" : "#1b1f24");
    }
  }

  function drawLoad(pixel) {
    pen.globalAlpha = who.value === "" ? 1 : 0.35;
    data.loads.forEach(([least, colour, width], n) => {
      const below = n + 1 < data.loads.length ? data.loads[n + 1][0] : Infinity;
      Object.assign(pen, { strokeStyle: colour, lineWidth: width * pixel });
      const own = [...load].filter(([, trips_]) => least <= trips_ && trips_ < below);
      line(own.map(([key]) => [points[Math.floor(key / points.length)], points[key % points.length]]));
    });
    pen.globalAlpha = 1;
  }

  function drawFull(pixel) {
    const known = day.full && day.full[hour];
    if (!known) return;
    const classes = values(known);
    data.fullness.forEach((colour, n) => {
      Object.assign(pen, { strokeStyle: colour, lineWidth: (1.5 + n) * pixel });
      line(streets.filter((_, row) => classes[row] === n).map((ends) => ends.map((p) => points[p])));
    });
  }

  function drawLate([, by, , , , , x, y], pixel) {
    const [, colour, radius] = data.lateness.find(([most]) => by <= most);
    dot([x, y], radius * pixel, colour, "#fff");
  }

  function drawMarked(mark, pixel) {
    const [shopX, shopY, x, y] = mark.slice(4);
    Object.assign(pen, { strokeStyle: "#1b1f24", lineWidth: 1.5 * pixel });
    pen.setLineDash([5 * pixel, 4 * pixel]);
    line([[[shopX, shopY], [x, y]]]);
    pen.setLineDash([]);
    pen.fillStyle = "#fff";
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
    const next = Number(minutes.value) + by;
    if (next < 60) {
      minutes.value = next;
      move();
    } else if (Number(hours.value) < day.hours.length - 1) {
      hours.value = Number(hours.value) + 1;
      minutes.value = 0;
      choose();
    } else {
      minutes.value = 59;
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
  minutes.addEventListener("input", move);
  for (const one of [who, colours, find("show-late")]) if (one) one.addEventListener("change", draw);
  new ResizeObserver(draw).observe(stage);

  const [first, begin] = data.start;
  days.value = first;
  hours.max = data.days[first].hours.length - 1;
  hours.value = data.days[first].hours.indexOf(begin);
  minutes.value = 30;
  stage.classList.add("live");
  find("controls").hidden = false;
  find("still").hidden = true;
  choose();
})();
