// What the page uses of three.js; ../vendored.toml tells how three.min.js is made of it.
export {
  Box3, BufferAttribute, BufferGeometry, DataTexture, DepthTexture, DoubleSide, Mesh,
  OrthographicCamera, PlaneGeometry, Raycaster, RGBAFormat, Scene, ShaderMaterial, UnsignedByteType, UnsignedIntType, Vector2,
  Vector3, Vector4, WebGLRenderer, WebGLRenderTarget,
} from "three";
export { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
