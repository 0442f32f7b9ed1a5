// What the page holds: a head in JSON, and chunks of numbers that are opened when they are needed.

const head = JSON.parse(document.getElementById("head").textContent);
const chunkTexts = document.getElementsByClassName("chunk");
/** Stands for "no value" on the way to the colours. */
const NO_VALUE = -1e30;

/** Bytes of a chunk. */
async function opened(number) {
  const raw = atob(chunkTexts[number].textContent);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** Whole numbers of a chunk. */
function whole(buffer, where) {
  return new (where.bits === 16 ? Uint16Array : Uint32Array)(buffer, where.at, where.size);
}

/** Values of a chunk, columns side by side. */
function values(buffer, where) {
  const codes = whole(buffer, where), width = where.low.length, found = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const column = i % width;
    found[i] = codes[i] === 65535 ? NO_VALUE : where.low[column] + codes[i] * where.step[column];
  }
  return found;
}

const loadCases = [];
/** Chunk of a load case; asked for twice, it is opened once. */
function loadCase(number) {
  loadCases[number] ??= opened(number + 1);
  return loadCases[number];
}

/** A number as it is read: four figures. */
function told(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** A name without underscores. */
const spoken = (name) => name.replaceAll("_", " ");
