// Talking to a server by hand, byte for byte: what no client library would ever send.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { soon } from './support.mjs';

const HANDSHAKE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';

/** A TCP connection and all that came over it. */
export class Line {
  said = Buffer.alloc(0);
  #waiting = new Set();
  #over = false;

  static async open(address) {
    const { hostname, port } = new URL(address);
    const line = new Line();
    line.socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    line.socket.on('data', (bytes) => line.#note(bytes));
    for (const event of ['end', 'close', 'error']) line.socket.on(event, () => line.#end());
    await soon(once(line.socket, 'connect'), 'a connection');
    return line;
  }

  #note(bytes) {
    this.said = Buffer.concat([this.said, bytes]);
    for (const check of this.#waiting) check();
  }

  #end() {
    this.#over = true;
    for (const check of this.#waiting) check();
  }

  write(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** What `find` finds in all that came, as soon as it is not undefined; fails when the server hangs up before. */
  until(find, what) {
    let check;
    const found = new Promise((resolve, reject) => {
      check = () => {
        const value = find(this.said);
        if (value !== undefined) resolve(value);
        else if (this.#over) reject(new Error(`the server hung up before ${what}`));
      };
      this.#waiting.add(check);
      check();
    });
    return soon(found, what).finally(() => this.#waiting.delete(check));
  }

  /** Resolves when the server has hung up. */
  ended(what = 'the server to hang up') {
    let check;
    const over = new Promise((resolve) => {
      check = () => this.#over && resolve();
      this.#waiting.add(check);
      check();
    });
    return soon(over, what).finally(() => this.#waiting.delete(check));
  }

  close() {
    this.socket.destroy();
  }
}

function head(method, path, fields, body) {
  const lines = Object.entries({ Host: 'x', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n`;
}

/** The status in the answer to a request, or 0 when the server hung up instead. */
export function statusOf(line) {
  const find = (said) => /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(said.toString('latin1'))?.[1];
  return line.until(find, 'an answer').then(Number, () => 0);
}

/** A request on a connection of its own. */
export async function request(address, path, { method = 'GET', fields = {}, body } = {}) {
  const line = await Line.open(address);
  line.write(head(method, path, { Connection: 'close', ...fields }, body));
  if (body !== undefined) line.write(body);
  const status = await statusOf(line);
  // Who asked for more than an answer may be kept waiting for more.
  if (!fields.Connection) await line.ended();
  line.close();
  const said = line.said;
  const end = said.indexOf('\r\n\r\n');
  return { status, head: said.subarray(0, end).toString('latin1'), body: unchunked(said.subarray(end + 4), said) };
}

function unchunked(body, said) {
  if (!/\r\ntransfer-encoding: chunked\r\n/i.test(said.toString('latin1'))) return body;
  const parts = [];
  for (let rest = body; rest.length; ) {
    const end = rest.indexOf('\r\n');
    const length = parseInt(rest.subarray(0, end).toString(), 16);
    parts.push(rest.subarray(end + 2, end + 2 + length));
    rest = length ? rest.subarray(end + 2 + length + 2) : Buffer.alloc(0);
  }
  return Buffer.concat(parts);
}

/** A request of which the body does not come, or only in part. */
export async function begun(address, path, fields, body = '') {
  const line = await Line.open(address);
  line.write(head('POST', path, fields) + body);
  return line;
}

/** One WebSocket frame, right or wrong: `length` is what it claims to have. */
export function frame(opcode, payload = '', { fin = true, rsv = 0, masked = true, length, wide = false } = {}) {
  const bytes = Buffer.from(payload);
  const claimed = BigInt(length ?? bytes.length);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  let start;
  if (claimed < 126n && !wide) {
    start = Buffer.from([first, mask | Number(claimed)]);
  } else if (claimed < 65_536n) {
    start = Buffer.from([first, mask | 126, Number(claimed >> 8n), Number(claimed & 255n)]);
  } else {
    start = Buffer.alloc(10);
    start.set([first, mask | 127]);
    start.writeBigUInt64BE(claimed, 2);
  }
  if (!masked) return Buffer.concat([start, bytes]);
  const key = randomBytes(4);
  return Buffer.concat([start, key, bytes.map((byte, index) => byte ^ key[index % 4])]);
}

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** A WebSocket by hand. */
export class Frames {
  static async open(address, path, fields = {}) {
    const frames = new Frames();
    frames.line = await Line.open(address);
    const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`;
    const more = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    frames.line.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${HANDSHAKE}${key}${more.join('')}\r\n`);
    frames.status = await statusOf(frames.line);
    return frames;
  }

  /** Every whole frame that came: `[opcode, payload]`. */
  get heard() {
    const { said } = this.line;
    const frames = [];
    let at = said.indexOf('\r\n\r\n') + 4;
    while (at + 2 <= said.length) {
      let length = said[at + 1] & 127;
      let start = at + 2;
      if (length === 126) {
        if (start + 2 > said.length) break;
        length = said.readUInt16BE(start);
        start += 2;
      } else if (length === 127) {
        if (start + 8 > said.length) break;
        length = Number(said.readBigUInt64BE(start));
        start += 8;
      }
      if (start + length > said.length) break;
      frames.push([said[at] & 15, said.subarray(start, start + length)]);
      at = start + length;
    }
    return frames;
  }

  send(...args) {
    this.line.write(frame(...args));
  }

  text(text) {
    this.send(TEXT, text);
  }

  /** Waits for a text frame that starts so. */
  hears(start) {
    const find = () => this.heard.find(([opcode, payload]) => opcode === TEXT && payload.toString().startsWith(start));
    return this.line.until(find, `${start}; heard ${this.heard.map(([, payload]) => payload)}`);
  }

  /** Waits for a frame of this kind with this payload. */
  has(wanted, bytes) {
    const find = () => this.heard.find(([opcode, payload]) => opcode === wanted && payload.equals(Buffer.from(bytes)));
    return this.line.until(find, `a frame of kind ${wanted}; heard ${this.heard.map(String)}`);
  }

  /** From here on its heart beats, so that nothing but a fault ends it. */
  beat(version) {
    if (version === 3) {
      const timer = setInterval(() => this.text('2'), 100);
      this.line.socket.once('close', () => clearInterval(timer));
      return;
    }
    let answered = 0;
    this.line.socket.on('data', () => {
      const pings = this.heard.filter(([opcode, said]) => opcode === TEXT && String(said) === '2').length;
      for (; answered < pings; answered += 1) this.text('3');
    });
  }

  ended() {
    return this.line.ended();
  }

  close() {
    this.line.close();
  }
}
