/** Little-endian bytes of unknown length, written in one pass; lengths that are known only later are patched in. */
export class ByteSink {
  length = 0;
  #buffer = Buffer.allocUnsafe(64 * 1024);

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.length++] = value;
  }

  uint16(value: number): void {
    this.#room(2);
    this.length = this.#buffer.writeUInt16LE(value, this.length);
  }

  uint32(value: number): void {
    this.#room(4);
    this.length = this.#buffer.writeUInt32LE(value, this.length);
  }

  uint64(value: bigint): void {
    this.#room(8);
    this.length = this.#buffer.writeBigUInt64LE(value, this.length);
  }

  float(value: number): void {
    this.#room(4);
    this.length = this.#buffer.writeFloatLE(value, this.length);
  }

  double(value: number): void {
    this.#room(8);
    this.length = this.#buffer.writeDoubleLE(value, this.length);
  }

  /** @param tag - Eight hex digits: group, then element. */
  tag(tag: string): void {
    this.uint16(Number.parseInt(tag.slice(0, 4), 16));
    this.uint16(Number.parseInt(tag.slice(4), 16));
  }

  /** UTF-8. */
  text(text: string): void {
    this.#room(text.length * 3);
    this.length += this.#buffer.write(text, this.length, 'utf8');
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  skip(bytes: number): void {
    this.#room(bytes);
    this.length += bytes;
  }

  patchUint16(at: number, value: number): void {
    this.#buffer.writeUInt16LE(value, at);
  }

  patchUint32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at);
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.length + bytes));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }
}
