/** Bytes that arrive in chunks and leave in pieces that end at a delimiter. Each byte is copied and searched once. */
export class ByteQueue {
  #buffer = Buffer.alloc(64 * 1024);
  #start = 0;
  #end = 0;
  #searchedTo = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoomFor(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Number of bytes in front of the delimiter, -1 while it has not arrived. */
  indexOf(delimiter: Buffer): number {
    const from = Math.max(this.#start, this.#searchedTo - delimiter.length + 1);
    const found = this.#buffer.subarray(0, this.#end).indexOf(delimiter, from);
    this.#searchedTo = found < 0 ? this.#end : found;
    return found < 0 ? -1 : found - this.#start;
  }

  /** Removes the first `count` bytes and returns a copy of them. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(this.#start, this.#start + count));
    this.#start += count;
    this.#searchedTo = Math.max(this.#searchedTo, this.#start);
    return taken;
  }

  #makeRoomFor(count: number): void {
    const needed = this.length + count;
    const roomy = needed > this.#buffer.length ? Buffer.alloc(Math.max(needed, 2 * this.#buffer.length)) : this.#buffer;
    this.#buffer.copy(roomy, 0, this.#start, this.#end);
    this.#searchedTo -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = roomy;
  }
}
