/** Compression shared by many readers: blocks that stand alone, and for each reader only a head, a sum and an end. */
import { constants, crc32, deflateRawSync } from "node:zlib"

/** Deflate, no name, no time, unknown system: what a reader's gzip begins with. */
export const gzipHead = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)

/** Blocks that need nothing before them and end on a whole byte: whoever joins later reads on from here. */
export const squeeze = (bytes: Buffer): Buffer =>
  deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH, level: 5 })

/**
 * The CRC of RFC 1952 as polynomials over two elements, the highest power in the lowest bit: the sum of two parts
 * follows from both sums and the length of the second, without reading either again.
 */
const polynomial = 0xedb88320
const one = 0x80000000

const times = (a: number, b: number): number => {
  let product = 0
  for (let bit = one, shifted = b; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted
    shifted = (shifted & 1) === 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1
  }
  return product >>> 0
}

/** x to the powers 1, 2, 4, ... */
const squares: ReadonlyArray<number> = (() => {
  const all = [one >>> 1]
  while (all.length < 32) all.push(times(all.at(-1) ?? 0, all.at(-1) ?? 0))
  return all
})()

/** What a sum is multiplied by when so many bytes follow. */
const shiftOf = (bytes: number): number => {
  let shift = one
  for (let [rest, power] = [bytes, 3]; rest > 0; rest = Math.floor(rest / 2), power++) {
    if (rest % 2 === 1) shift = times(squares[power % 32] ?? one, shift)
  }
  return shift
}

/** Of one part: its sum and length, made once for all readers. */
export interface Part {
  readonly crc: number
  readonly length: number
  readonly shift: number
}
export const partOf = (bytes: Uint8Array): Part => ({
  crc: crc32(bytes),
  length: bytes.length,
  shift: shiftOf(bytes.length)
})

/** The sum and length of everything that one reader was sent, which his gzip ends with. */
export class GzipSum {
  private crc = 0
  private length = 0

  add(part: Part): void {
    this.crc = (times(part.shift, this.crc) ^ part.crc) >>> 0
    this.length = (this.length + part.length) >>> 0
  }

  /** The last, empty block, and the sum and length: a reader knows that nothing is missing. */
  get end(): Buffer {
    const end = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    end.writeUInt32LE(this.crc, 2)
    end.writeUInt32LE(this.length, 6)
    return end
  }
}
