import { crc32, deflateSync } from "node:zlib";

/** A picture of black and white squares as PNG, with four white ones around. Source: PNG specification, ISO/IEC 15948. */

const MAGIC = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MARGIN = 4;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** `rows`: true is black. `scale`: pixels of a square's side. */
export function renderPng(rows: readonly (readonly boolean[])[], scale: number): Buffer {
  const size = (rows.length + 2 * MARGIN) * scale;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  // Eight bits of grey, and no interlacing.
  head[8] = 8;
  // Each line begins with its filter, none.
  const lines = Array.from({ length: size }, (_, y) => {
    const line = Buffer.alloc(size + 1, 0xff);
    line[0] = 0;
    const row = rows[Math.floor(y / scale) - MARGIN] ?? [];
    for (const [x, dark] of row.entries())
      if (dark) line.fill(0, 1 + (x + MARGIN) * scale, 1 + (x + MARGIN + 1) * scale);
    return line;
  });
  return Buffer.concat([
    MAGIC,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(lines))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
