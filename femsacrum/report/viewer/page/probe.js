// A mark on the model and what is read there; it stays where it is when load case or field change.

class Probe {
  constructor(stage, marker, list) {
    Object.assign(this, { stage, marker, list, at: null });
    stage.after.push(() => this.follow());
  }

  /** Mark what lies below a place of the canvas [-1 to 1]. */
  aim(x, y) { this.set(this.stage.hit(x, y)); }

  set(at) {
    this.at = at;
    this.tell();
    this.stage.draw();
  }

  /** Mark the largest value of all that is shown and not clipped. */
  largest() {
    let most = -Infinity, best = null;
    const clip = common.clip.value;
    for (const surface of this.stage.surfaces) {
      if (!surface.readable || !surface.field) continue;
      const { value, place } = surface;
      for (let i = 0; i < value.length; i++) {
        if (value[i] <= most || value[i] <= NO_VALUE) continue;
        if (place[3 * i] * clip.x + place[3 * i + 1] * clip.y + place[3 * i + 2] * clip.z > clip.w) continue;
        most = value[i];
        best = [surface, i];
      }
    }
    if (!best) return this.set(null);
    const [surface, corner] = best, triangle = Math.floor(corner / 3);
    const flat = surface.field.where === "facet";
    const shares = flat ? [1 / 3, 1 / 3, 1 / 3] : [0, 1, 2].map((c) => (c === corner % 3 ? 1 : 0));
    this.set({ surface, triangle, shares, within: false });
  }

  /** Rows of the list: body, place, value. */
  tell() {
    this.list.replaceChildren();
    if (!this.at) return this.row("", "nothing is marked");
    const { surface, triangle, shares, within } = this.at, value = surface.at(triangle, shares);
    this.row(surface.isFace ? "Interface" : "Body", spoken(surface.name));
    if (within) return this.row("Value", "cut open here; only values of surfaces are kept");
    const [x, y, z] = surface.unloaded(triangle, shares).map((each) => each.toFixed(2));
    this.row("L, P, S", `${x}, ${y}, ${z} mm`);
    if (!surface.mesh.visible) this.row("Value", "not shown now");
    else if (!surface.field) this.row("Value", "none of this field");
    else if (value === null) this.row("Value", "not determined");
    else this.row("Value", `${told(value)} ${surface.field.unit}`.trim());
  }

  row(name, text) {
    const term = document.createElement("dt"), what = document.createElement("dd");
    term.textContent = name;
    what.textContent = text;
    what.dir = "auto";
    this.list.append(term, what);
  }

  /** Keep the ring on the model. */
  follow() {
    const shown = this.at && this.at.surface.mesh.visible;
    this.marker.hidden = !shown;
    if (!shown) return;
    const [x, y] = this.stage.pixel(this.at.surface.drawn(this.at.triangle, this.at.shares));
    this.marker.style.left = `${x}px`;
    this.marker.style.top = `${y}px`;
  }
}
