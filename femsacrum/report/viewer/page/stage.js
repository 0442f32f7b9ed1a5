// The window: camera, light-free picture with outlines, standard views, axes.

const OUTLINES = `
uniform sampler2D picture, depth;
uniform vec2 pixel;
uniform float reach, bend;
varying vec2 vPlace;
float far(vec2 by) { return texture2D(depth, vPlace + by * pixel).x; }
void main() {
  vec4 colour = texture2D(picture, vPlace);
  float own = far(vec2(0.0));
  float across = abs(far(vec2(-1.0, 0.0)) - 2.0 * own + far(vec2(1.0, 0.0)));
  float along = abs(far(vec2(0.0, -1.0)) - 2.0 * own + far(vec2(0.0, 1.0)));
  bool line = own < 1.0 && max(across, along) * reach > bend;
  gl_FragColor = vec4(line ? vec3(0.16) : colour.rgb, 1.0);
}`;
/** An outline is drawn where the depth bends by this many pixels within one. */
const BEND = 5;
/** From the middle to the eye (LPS). */
const VIEWS = {
  anterior: [0, -1, 0], posterior: [0, 1, 0], left: [1, 0, 0], right: [-1, 0, 0], top: [0, 1e-4, 1], bottom: [0, -1e-4, -1],
};
const AXES = [["L", [1, 0, 0], "#b03000"], ["P", [0, 1, 0], "#00664a"], ["S", [0, 0, 1], "#0050a0"]];

class Stage {
  constructor(canvas, surfaces) {
    this.canvas = canvas;
    this.surfaces = surfaces;
    this.after = [];
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: false });
    this.renderer.setPixelRatio(window.devicePixelRatio);
    this.scene = new THREE.Scene();
    for (const surface of surfaces) this.scene.add(surface.mesh);
    const low = new THREE.Vector3(Infinity, Infinity, Infinity), high = low.clone().negate();
    for (const { mesh } of surfaces) {
      mesh.geometry.computeBoundingBox();
      low.min(mesh.geometry.boundingBox.min);
      high.max(mesh.geometry.boundingBox.max);
    }
    Object.assign(this, { low, high, ready: false });
    this.radius = 0.5 * high.distanceTo(low) || 1;
    this.camera = new THREE.OrthographicCamera(-1, 1, 1, -1, 0, 8 * this.radius);
    this.camera.up.set(0, 0, 1);
    this.controls = new THREE.OrbitControls(this.camera, canvas);
    this.controls.addEventListener("change", () => this.draw());
    this.film();
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    this.resize();
    this.look("anterior");
  }

  /** Where the picture is rendered before its outlines are drawn. */
  film() {
    this.target = new THREE.WebGLRenderTarget(1, 1, { samples: 4 });
    this.target.depthTexture = new THREE.DepthTexture(1, 1, THREE.UnsignedIntType);
    this.outlines = {
      picture: { value: this.target.texture }, depth: { value: this.target.depthTexture },
      pixel: { value: new THREE.Vector2() }, reach: { value: 8 * this.radius }, bend: { value: 1 },
    };
    const material = new THREE.ShaderMaterial({
      vertexShader: "varying vec2 vPlace; void main() { vPlace = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
      fragmentShader: OUTLINES, uniforms: this.outlines, depthTest: false,
    });
    this.sheet = new THREE.Scene();
    this.sheet.add(new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material));
    this.sheet.children[0].frustumCulled = false;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    if (!width || !height || this.size === `${width} ${height}`) return;
    this.size = `${width} ${height}`;
    this.renderer.setSize(width, height, false);
    const size = this.renderer.getDrawingBufferSize(new THREE.Vector2());
    this.target.setSize(size.x, size.y);
    this.outlines.pixel.value.set(1 / size.x, 1 / size.y);
    const half = 1.05 * this.radius;
    const [across, up] = width > height ? [half * width / height, half] : [half, half * height / width];
    Object.assign(this.camera, { left: -across, right: across, top: up, bottom: -up });
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  /** A standard view of everything. */
  look(name) {
    this.turn(new THREE.Vector3(...VIEWS[name]));
    this.fit();
  }

  turn(direction) {
    const from = direction.normalize().multiplyScalar(4 * this.radius);
    this.camera.position.copy(this.controls.target).add(from);
    this.controls.update();
    this.draw();
  }

  /** Everything that is shown fills the picture. */
  fit() {
    const box = new THREE.Box3(), { camera, controls } = this;
    for (const { mesh } of this.surfaces) {
      if (!mesh.visible) continue;
      mesh.geometry.computeBoundingBox();
      box.union(mesh.geometry.boundingBox);
    }
    if (box.isEmpty()) return;
    const middle = box.getCenter(new THREE.Vector3()), half = box.getSize(new THREE.Vector3()).multiplyScalar(0.5);
    camera.position.add(middle).sub(controls.target);
    controls.target.copy(middle);
    controls.update();
    camera.updateMatrixWorld();
    const reach = (row) => [0, 1, 2].reduce((sum, k) => sum + Math.abs(camera.matrixWorld.elements[4 * row + k]) * half.getComponent(k), 0);
    camera.zoom = 0.9 * Math.min(camera.right / reach(0), camera.top / reach(1));
    camera.updateProjectionMatrix();
    this.draw();
  }

  zoom(times) {
    this.camera.zoom *= times;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  /** Turn by angles [rad]: round the vertical, and up or down. */
  orbit(round, up) {
    const from = this.camera.position.clone().sub(this.controls.target), flat = Math.hypot(from.x, from.y);
    const azimuth = Math.atan2(from.y, from.x) + round;
    const height = Math.max(-1.57, Math.min(1.57, Math.atan2(from.z, flat) + up));
    this.turn(new THREE.Vector3(Math.cos(azimuth) * Math.cos(height), Math.sin(azimuth) * Math.cos(height), Math.sin(height)));
  }

  /** Move the picture by shares of its height. */
  shift(right, up) {
    const span = (this.camera.top - this.camera.bottom) / this.camera.zoom, across = new THREE.Vector3();
    const above = new THREE.Vector3(), by = new THREE.Vector3();
    this.camera.updateMatrixWorld();
    this.camera.matrixWorld.extractBasis(across, above, new THREE.Vector3());
    by.addScaledVector(across, -right * span).addScaledVector(above, -up * span);
    this.controls.target.add(by);
    this.camera.position.add(by);
    this.controls.update();
    this.draw();
  }

  /** Draw before the next refresh of the screen; not before there is something to show. */
  draw() {
    if (!this.ready) return;
    this.waiting ??= requestAnimationFrame(() => { this.waiting = undefined; this.render(); });
  }

  render() {
    const { renderer, camera } = this, height = this.canvas.height;
    this.outlines.bend.value = BEND * (camera.top - camera.bottom) / camera.zoom / height;
    renderer.setRenderTarget(this.target);
    renderer.setClearColor(0xffffff, 1);
    renderer.clear();
    renderer.render(this.scene, camera);
    renderer.setRenderTarget(null);
    renderer.render(this.sheet, camera);
    for (const told of this.after) told();
  }

  /** Where a point of space is on the canvas [CSS pixels]. */
  pixel(at) {
    const seen = new THREE.Vector3(...at).project(this.camera);
    return [(0.5 + 0.5 * seen.x) * this.canvas.clientWidth, (0.5 - 0.5 * seen.y) * this.canvas.clientHeight];
  }

  /** First surface that is readable or plain below a place of the canvas [-1 to 1]; null: none. */
  hit(x, y) {
    const ray = new THREE.Raycaster(), clip = common.clip.value;
    ray.setFromCamera(new THREE.Vector2(x, y), this.camera);
    const meshes = this.surfaces.filter((surface) => surface.readable).map((surface) => surface.mesh);
    const inside = ({ point }) => point.x * clip.x + point.y * clip.y + point.z * clip.z <= clip.w;
    const found = ray.intersectObjects(meshes, false).filter(inside);
    if (!found.length) return null;
    // an interface lies on its body's face, and is drawn before it
    const first = found.find((each) => each.object.userData.surface.isFace && each.distance < found[0].distance + 0.02) ?? found[0];
    const surface = first.object.userData.surface;
    const within = !surface.isFace && first.face.normal.dot(ray.ray.direction) > 0;
    return { surface, triangle: first.faceIndex, shares: first.barycoord.toArray(), within };
  }

  /** Letters at the ends of the patient's axes, as the camera sees them. */
  axes(drawing) {
    const right = new THREE.Vector3(), up = new THREE.Vector3(), out = new THREE.Vector3();
    this.camera.matrixWorld.extractBasis(right, up, out);
    drawing.replaceChildren();
    for (const [letter, direction, colour] of AXES) {
      const along = new THREE.Vector3(...direction), x = 34 * along.dot(right), y = -34 * along.dot(up);
      const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      for (const [name, value] of [["x2", x], ["y2", y], ["stroke", colour], ["stroke-width", 3]]) line.setAttribute(name, value);
      const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      const places = [["x", 1.28 * x], ["y", 1.28 * y + 5], ["text-anchor", "middle"], ["fill", colour]];
      for (const [name, value] of places) text.setAttribute(name, value);
      text.textContent = Math.hypot(x, y) > 8 ? letter : "";
      drawing.append(line, text);
    }
  }
}
