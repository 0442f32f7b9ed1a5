// What the page knows: a head in JSON, and chunks of numbers that are fetched and opened when they are needed.

const head = JSON.parse(document.getElementById("head").textContent);
const chunkTexts = document.getElementsByClassName("chunk");
/** Stands for "no value" on the way to the colours. */
const NO_VALUE = -1e30;

/** Bytes of a chunk, compressed: from the page, or from the server it came from. */
async function packed(number) {
  if (head.served) {
    const answer = await fetch(`chunk/${number}`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.blob();
  }
  const raw = atob(chunkTexts[number].textContent);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Blob([bytes]);
}

/** A chunk: its bytes, where its arrays start, and where among them those of each piece are. */
async function unpacked(number) {
  const stream = (await packed(number)).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer(), length = new DataView(buffer).getUint32(0, true);
  const pieces = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { buffer, start: 4 + length, pieces };
}

const chunks = [];
/** A chunk, opened; asked for again, it is there, unless it could not be had. */
function opened(number) {
  chunks[number] ??= unpacked(number).catch((error) => { chunks[number] = undefined; throw error; });
  return chunks[number];
}

/** Whole numbers of a chunk. */
function whole(chunk, where) {
  return new (where.bits === 16 ? Uint16Array : Uint32Array)(chunk.buffer, chunk.start + where.at, where.size);
}

/** Values of a chunk, columns side by side. */
function values(chunk, where) {
  const codes = whole(chunk, where), width = where.low.length, found = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const column = i % width;
    found[i] = codes[i] === 65535 ? NO_VALUE : where.low[column] + codes[i] * where.step[column];
  }
  return found;
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
