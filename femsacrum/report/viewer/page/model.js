// Surfaces, their colours and how they are deformed. Every triangle has corners of its own, so a value of a cell stays flat.

const VERTEX = `
attribute float value;
varying float vValue;
varying vec3 vPlace, vSeen;
void main() {
  vValue = value;
  vPlace = position;
  vec4 seen = modelViewMatrix * vec4(position, 1.0);
  vSeen = seen.xyz;
  gl_Position = projectionMatrix * seen;
}`;
// Values are not lit, and nothing faint lies before them: either would change the colour that the legend explains.
const FRAGMENT = `
uniform vec4 clip;
uniform vec3 ground;
uniform sampler2D shades;
uniform vec2 ends;
uniform bool coloured, open, faint;
varying float vValue;
varying vec3 vPlace, vSeen;
void main() {
  if (dot(clip.xyz, vPlace) > clip.w) discard;
  float facing = abs(normalize(cross(dFdx(vSeen), dFdy(vSeen))).z);
  if (faint) {
    gl_FragColor = vec4(0.75 * ground, 0.06 + 0.2 * (1.0 - facing));
  } else if (!gl_FrontFacing && !open) {
    gl_FragColor = vec4(0.6 * ground, 1.0);
  } else if (!coloured) {
    gl_FragColor = vec4(ground * (0.6 + 0.4 * facing), 1.0);
  } else if (vValue < -1e29) {
    gl_FragColor = vec4(0.62, 0.62, 0.66, 1.0);
  } else {
    float share = clamp((vValue - ends.x) / (ends.y - ends.x), 0.0, 1.0);
    gl_FragColor = vec4(texture2D(shades, vec2(share, 0.5)).rgb, 1.0);
  }
}`;

const common = { clip: { value: new THREE.Vector4(0, 0, 0, 1) }, shades: { value: null }, ends: { value: new THREE.Vector2(0, 1) } };
const maps = {};
for (const [name, colours] of Object.entries(head.maps)) {
  const count = colours.length / 3, bytes = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) bytes.set([colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255], 4 * i);
  maps[name] = new THREE.DataTexture(bytes, count, 1, THREE.RGBAFormat, THREE.UnsignedByteType);
  maps[name].needsUpdate = true;
}

/** Red, green, blue from 0 to 1 of "#rrggbb". */
const rgb = (text) => new THREE.Vector3(...[1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255));
const roleColour = (role) => head.colours[role] ?? "#b8b8b8";

/** One drawn surface. */
class Surface {
  constructor(number, chunk) {
    const piece = head.pieces[number];
    Object.assign(this, { number, name: piece.name, role: piece.role, parts: piece.parts, wanted: true, field: null });
    this.points = values(chunk, piece.points);
    this.corners = whole(chunk, piece.triangles);
    this.isFace = piece.role === "interface";
    const geometry = new THREE.BufferGeometry();
    this.place = new Float32Array(3 * this.corners.length);
    this.value = new Float32Array(this.corners.length).fill(NO_VALUE);
    geometry.setAttribute("position", new THREE.BufferAttribute(this.place, 3));
    geometry.setAttribute("value", new THREE.BufferAttribute(this.value, 1));
    this.uniforms = {
      ...common, ground: { value: rgb(roleColour(piece.role)) }, coloured: { value: false }, open: { value: this.isFace },
      faint: { value: false },
    };
    const material = new THREE.ShaderMaterial({
      vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms: this.uniforms, side: THREE.DoubleSide,
      polygonOffset: !this.isFace, polygonOffsetFactor: 1, polygonOffsetUnits: 1, transparent: true,
    });
    this.mesh = new THREE.Mesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.userData.surface = this;
    this.deform(null, 0);
  }

  /** Place the corners: the unloaded shape and, times the factor, how it moves. */
  deform(moved, factor) {
    if (factor === 0 && this.factor === 0) return;
    this.factor = factor;
    const { points, corners, place } = this;
    for (let i = 0; i < corners.length; i++) {
      for (let k = 0, from = 3 * corners[i]; k < 3; k++) {
        place[3 * i + k] = points[from + k] + (factor ? factor * moved[from + k] : 0);
      }
    }
    this.mesh.geometry.attributes.position.needsUpdate = true;
    this.mesh.geometry.boundingSphere = null;  // found anew when a point is picked
  }

  /** Give the corners the values of a field; null: none of this piece. */
  colour(found, field) {
    this.field = found ? field : null;
    this.uniforms.coloured.value = Boolean(found);
    if (!found) return;
    const { corners, value } = this, width = 3 * this.parts;
    for (let i = 0; i < corners.length; i++) {
      if (field.where === "vector") {
        const at = 3 * corners[i];
        value[i] = Math.hypot(found[at], found[at + 1], found[at + 2]);
      } else {
        value[i] = field.where === "facet" ? found[Math.floor(i / width)] : found[corners[i]];
      }
    }
    this.mesh.geometry.attributes.value.needsUpdate = true;
  }

  /** Whether it is drawn, and how: values, plain, or faint. */
  dress(others) {
    const plain = !this.field;
    const faint = plain && others === "faint";
    this.mesh.visible = this.wanted && (!plain || (!this.isFace && others !== "hidden"));
    this.uniforms.faint.value = faint;
    this.mesh.material.depthWrite = !faint;
    this.mesh.renderOrder = faint ? 0 : 1;
  }

  /** Whether values can be read from it. */
  get readable() { return this.mesh.visible && !this.uniforms.faint.value; }

  /** Unloaded place of a point of a triangle given by its three shares [mm]. */
  unloaded(triangle, shares) { return this.blend(this.points, triangle, shares); }

  /** Drawn place of such a point [mm]. */
  drawn(triangle, shares) {
    const at = [0, 0, 0];
    for (let c = 0; c < 3; c++) for (let k = 0; k < 3; k++) at[k] += shares[c] * this.place[9 * triangle + 3 * c + k];
    return at;
  }

  /** Value there; null: none. */
  at(triangle, shares) {
    if (!this.field) return null;
    let sum = 0;
    for (let c = 0; c < 3; c++) {
      const value = this.value[3 * triangle + c];
      if (value <= NO_VALUE) return null;
      sum += shares[c] * value;
    }
    return sum;
  }

  blend(table, triangle, shares) {
    const at = [0, 0, 0];
    for (let c = 0; c < 3; c++) {
      const from = 3 * this.corners[3 * triangle + c];
      for (let k = 0; k < 3; k++) at[k] += shares[c] * table[from + k];
    }
    return at;
  }
}
