// What the user chooses, and how the rest of the page follows.

const by = (id) => document.getElementById(id);
/** Drawn length of the largest displacement at the end of the slider [mm]. */
const DRAWN = 60;
let stage, probe, surfaces, shown;

const field = () => head.fields.find((each) => each.key === by("field").value);
const bodies = () => surfaces.filter((surface) => !surface.isFace);
const faces = () => surfaces.filter((surface) => surface.isFace);

/** Fill a list of choices with text. */
function choices(select, texts, keys) {
  select.replaceChildren(...texts.map((text, i) => new Option(text, keys ? keys[i] : i)));
}

/** The next of 1, 1.5, 2, 3, 5, 7 times a power of ten. */
function roundedUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return Number(([1, 1.5, 2, 3, 5, 7, 10].find((step) => step * power >= value * (1 - 1e-9)) * power).toPrecision(3));
}

/** End of the scale: the largest of the ticked bodies, over all load cases or in this one. */
function top(chosen, every) {
  const tops = surfaces.filter((surface) => surface.wanted && chosen.tops[surface.number])
    .flatMap((surface) => every ? chosen.tops[surface.number] : [chosen.tops[surface.number][shown.number]]);
  return roundedUp(Math.max(0, ...tops.filter((each) => each !== null)));
}

function rescale() {
  const chosen = shown.field, mode = by("scale").value;
  const ends = chosen.ends ?? (mode === "own" ? null : [0, top(chosen, mode === "all")]);
  by("scale").disabled = Boolean(chosen.ends);
  for (const id of ["low", "high"]) by(id).disabled = ends !== null;
  if (ends) [by("low").value, by("high").value] = ends;
  const low = by("low").valueAsNumber, high = by("high").valueAsNumber;
  by("high").setCustomValidity(high > low ? "" : "It has to lie above the other end.");
  if (!by("high").reportValidity()) return;
  common.ends.value.set(low, high);
  common.shades.value = maps[chosen.colours];
  by("scale-unit").textContent = chosen.unit;
  legend(chosen, low, high);
  stage.draw();
}

function legend(chosen, low, high) {
  by("legend-label").textContent = chosen.unit ? `${chosen.label} [${chosen.unit}]` : chosen.label;
  const bar = by("legend-bar"), pen = bar.getContext("2d"), colours = head.maps[chosen.colours], count = colours.length / 3;
  for (let x = 0; x < bar.width; x++) {
    const at = 3 * Math.floor(x / bar.width * count);
    pen.fillStyle = `rgb(${colours[at]},${colours[at + 1]},${colours[at + 2]})`;
    pen.fillRect(x, 0, 1, bar.height);
  }
  const marks = chosen.ticks ?? [low, 0.5 * (low + high), high];
  by("legend-ticks").replaceChildren(...marks.map((mark) => {
    const tick = document.createElement("span");
    tick.textContent = told(mark);
    tick.style.left = `${100 * (mark - low) / (high - low)}%`;
    return tick;
  }));
  const how = {
    all: "99.9 % of the values of each ticked body, in all load cases", one: "99.9 % of its values in this load case",
    own: "as you chose",
  }[by("scale").value];
  by("legend-note").textContent = chosen.ends ? "The same in every run. Higher values: last colour."
    : `Ends at ${how}${by("scale").value === "own" ? "" : ", rounded up"}. Values beyond: end colours; grey: not determined.`;
}

/** Say what went wrong; what was shown before stays, and stays chosen. */
function failed(error) {
  if (shown) [by("load-case").value, by("field").value] = [shown.number, shown.field.key];
  by("message").hidden = false;
  by("message").textContent = `This cannot be shown: ${error.message}${head.served ? "; does femsacrum view still run?" : ""}`;
}

/** Values of the chosen field and load case, on every surface. */
async function recolour() {
  const number = Number(by("load-case").value), chosen = field(), asked = head.load_cases[number];
  const source = chosen.where === "vector" ? asked.displacement : asked.values[chosen.key];
  const wanted = [source, exaggeration() ? asked.displacement : null].map((each) => each && opened(each.chunk));
  const [chunk] = await Promise.all(wanted);  // all there before anything changes
  if (number !== Number(by("load-case").value) || chosen !== field()) return;
  const now = shown = { ...asked, number, field: chosen };
  for (const surface of surfaces) {
    const where = chosen.where === "vector" && surface.isFace ? undefined : chunk?.pieces[surface.number];
    surface.colour(where ? values(chunk, where) : null, chosen);
  }
  by("load-case-note").textContent = shown.note;
  by("field-note").textContent = chosen.note;
  by("interfaces-part").hidden = !faces().some((surface) => surface.field);
  by("message").hidden = true;
  await deform();
  if (shown !== now) return;
  dress();
  document.documentElement.dataset.shown = `${shown.name} / ${chosen.key}`;
}

function dress() {
  for (const surface of surfaces) surface.dress(by("others").value);
  rescale();
  probe.tell();
}

/** How many times as large the deformation is to be drawn. */
const exaggeration = () => Math.max(0, by("factor").valueAsNumber || 0);

/** Draw the shape as far from the unloaded one as is chosen. */
async function deform() {
  const factor = exaggeration(), asked = shown, most = shown.largest;
  by("factor-slider").max = roundedUp(DRAWN / (most || DRAWN));
  by("factor-slider").step = by("factor-slider").max / 100;
  by("factor-slider").value = factor;
  const chunk = factor ? await opened(asked.displacement.chunk) : null;
  if (asked !== shown || factor !== exaggeration()) return;
  for (const surface of surfaces) {
    const where = chunk?.pieces[surface.number];
    surface.deform(where ? values(chunk, where) : null, where ? factor : 0);
  }
  const size = factor === 0 ? "The unloaded shape." : factor === 1 ? "True size (1×)." : `Exaggerated ${told(factor)}×.`;
  by("factor-note").textContent = `${size} Largest displacement: ${told(most)} mm.`;
  stage.draw();
}

function clip() {
  const axis = by("clip-axis").value, on = axis !== "", plane = [0, 0, 0, 1];
  for (const id of ["clip", "clip-flip"]) by(id).disabled = !on;
  by("clip-place").textContent = "";
  if (on) {
    const key = "xyz"[axis], low = stage.low[key] - 1, at = low + by("clip").value / 1000 * (stage.high[key] + 1 - low);
    const sign = by("clip-flip").checked ? -1 : 1;
    plane[axis] = sign;
    plane[3] = sign * at;
    by("clip-place").textContent = `${"LPS"[axis]} = ${at.toFixed(1)} mm`;
  }
  common.clip.value.set(...plane);
  stage.draw();
}

/** Ticks that show and hide surfaces. */
function ticks(list, members) {
  list.replaceChildren(...members.map((surface) => {
    const row = document.createElement("li"), label = document.createElement("label"), box = document.createElement("input");
    const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg"), name = document.createElement("span");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => { surface.wanted = box.checked; dress(); });
    const square = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const side of ["width", "height"]) square.setAttribute(side, "100%");
    square.setAttribute("fill", roleColour(surface.role));
    swatch.append(square);
    swatch.setAttribute("aria-hidden", "true");
    name.textContent = spoken(surface.name);
    name.dir = "auto";
    label.append(box, ...(surface.isFace ? [] : [swatch]), name);
    row.append(label);
    return row;
  }));
}

function tickAll(list, members, wanted) {
  for (const box of list.querySelectorAll("input")) box.checked = wanted;
  for (const surface of members) surface.wanted = wanted;
  dress();
}

const TURN = Math.PI / 18, MOVE = 0.05;
/** What keys do on the picture. */
function key(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (along && event.shiftKey) stage.shift(MOVE * along[0], MOVE * along[1]);
  else if (along) stage.orbit(-TURN * along[0], TURN * along[1]);
  else if (event.key === "+" || event.key === "=") stage.zoom(1.2);
  else if (event.key === "-") stage.zoom(1 / 1.2);
  else if (event.key === "Enter") probe.aim(0, 0);
  else if (event.key === "Escape") probe.set(null);
  else return;
  event.preventDefault();
}

function pointer(canvas) {
  let down = null;
  canvas.addEventListener("pointerdown", (event) => { down = event.button === 0 ? [event.clientX, event.clientY] : null; });
  canvas.addEventListener("pointerup", (event) => {
    if (!down || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 4) return;
    const box = canvas.getBoundingClientRect();
    probe.aim(2 * (event.clientX - box.left) / box.width - 1, 1 - 2 * (event.clientY - box.top) / box.height);
  });
}

/** The picture with its legend as a file. */
function save() {
  stage.render();
  const { width, height } = stage.canvas, sheet = document.createElement("canvas"), pen = sheet.getContext("2d");
  const unit = window.devicePixelRatio, left = 16 * unit, bar = by("legend-bar").width * unit;
  Object.assign(sheet, { width, height: height + 76 * unit });
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, sheet.height);
  pen.drawImage(stage.canvas, 0, 0);
  pen.drawImage(by("legend-bar"), left, height + 28 * unit, bar, 14 * unit);
  pen.fillStyle = "#222";
  pen.font = `${13 * unit}px sans-serif`;
  pen.fillText(`${by("legend-label").textContent}, ${shown.name}. ${by("factor-note").textContent}`, left, height + 18 * unit);
  for (const tick of by("legend-ticks").children) {
    pen.textAlign = "center";
    pen.fillText(tick.textContent, left + parseFloat(tick.style.left) / 100 * bar, height + 60 * unit);
  }
  sheet.toBlob((picture) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(picture);
    link.download = "viewer.png";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

function wire() {
  const on = (id, kind, act) => by(id).addEventListener(kind, act);
  on("controls", "submit", (event) => event.preventDefault());
  on("load-case", "change", () => recolour().catch(failed));
  on("field", "change", () => {
    if (by("scale").value === "own") by("scale").value = "all";  // ends of one field mean nothing for another
    recolour().catch(failed);
  });
  for (const id of ["scale", "low", "high"]) on(id, "change", rescale);
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => stage.look(button.dataset.view));
  }
  on("fit", "click", () => stage.fit());
  on("save", "click", save);
  on("factor", "change", () => deform().catch(failed));
  on("factor-slider", "input", () => { by("factor").value = by("factor-slider").value; deform().catch(failed); });
  for (const id of ["clip-axis", "clip", "clip-flip"]) on(id, "input", clip);
  on("largest", "click", () => probe.largest());
  on("unmark", "click", () => probe.set(null));
  on("others", "change", dress);
  for (const [name, list, members] of [["show", "bodies", bodies], ["faces", "interfaces", faces]]) {
    on(`${name}-all`, "click", () => tickAll(by(list), members(), true));
    on(`${name}-none`, "click", () => tickAll(by(list), members(), false));
  }
  on("canvas", "keydown", key);
  pointer(by("canvas"));
}

async function begin() {
  document.title = `${head.case} – femsacrum viewer`;
  by("case").textContent = spoken(head.case);
  by("question").textContent = head.question;
  choices(by("load-case"), head.load_cases.map((each) => each.name));
  choices(by("field"), head.fields.map((each) => each.label), head.fields.map((each) => each.key));
  const lacks = [["Left out, the page would be too large", head.left_out], ["The run kept no fields of", head.absent]];
  by("left-out").textContent = lacks.filter(([, names]) => names.length).map(([why, names]) => `${why}: ${names.join(", ")}.`).join(" ");
  by("left-out").hidden = !by("left-out").textContent;
  const shapes = await opened(0);
  surfaces = head.pieces.map((_, number) => new Surface(number, shapes));
  stage = new Stage(by("canvas"), surfaces);
  probe = new Probe(stage, by("marker"), by("probe"));
  stage.after.push(() => stage.axes(by("axes")));
  ticks(by("bodies"), bodies());
  ticks(by("interfaces"), faces());
  wire();
  await recolour();
  by("message").hidden = true;
  stage.ready = true;
  stage.render();
  document.documentElement.dataset.firstPicture = Math.round(performance.now());
}

begin().catch((error) => {
  by("message").hidden = false;
  by("message").textContent = `The model cannot be shown: ${error.message} (the page needs WebGL 2 and a browser of 2023 or later)`;
  console.error(error);
});
