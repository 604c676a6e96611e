// The official clients of three generations behind one face, so that a test is written once.
import { strict as assert } from 'node:assert';
import io2 from 'socket.io-client-2';
import io3 from 'socket.io-client-3';
import { io as io4 } from 'socket.io-client';
import { soon } from './support.mjs';

/** By name: how it opens, and whether its handshake carries `auth` (v2 has none). */
export const GENERATIONS = {
  'client v2': { open: io2, hasAuth: false, refusal: 'error' },
  'client v3': { open: io3.io, hasAuth: true, refusal: 'connect_error' },
  'client v4': { open: io4, hasAuth: true, refusal: 'connect_error' },
};

/** A socket of any generation, with a memory of what it heard: `[event, ...arguments]`. */
export class Talker {
  heard = [];
  #waiting = new Set();

  constructor(generation, address, ways, options = {}) {
    this.socket = generation.open(address, {
      transports: ways,
      forceNew: true,
      reconnection: false,
      reconnectionDelay: 10,
      reconnectionDelayMax: 10,
      ...options,
    });
    // Bound before anything can come: the first event follows the connect packet at once.
    for (const event of ['connect', 'disconnect', 'auth', 'message-back', generation.refusal]) {
      this.socket.on(event, (...args) => this.#note(event, args));
    }
    this.socket.on('emit-with-ack', (...args) => {
      this.#note('emit-with-ack', args.filter((arg) => typeof arg !== 'function'));
      const ack = args.at(-1);
      if (typeof ack === 'function') ack(...args.slice(0, -1));
    });
  }

  #note(event, args) {
    this.heard.push([event, ...args.map(plain)]);
    for (const check of this.#waiting) check();
  }

  /** The transport in use at this moment. */
  get transport() {
    return this.socket.io.engine?.transport.name;
  }

  all(event) {
    return this.heard.filter(([name]) => name === event).map(([, ...args]) => args);
  }

  /** The arguments of the `count`th `event`, now or later. */
  hears(event, count = 1) {
    let check;
    const found = new Promise((resolve) => {
      check = () => {
        const all = this.all(event);
        if (all.length >= count) resolve(all[count - 1]);
      };
      this.#waiting.add(check);
      check();
    });
    const what = `${event} number ${count}`;
    return soon(found, what).finally(() => this.#waiting.delete(check));
  }

  /** Connected, greeted, and on the last of its transports. */
  async settled(ways) {
    await this.hears('auth');
    await soon(this.upgraded(ways), 'the upgrade');
  }

  /** Resolves as soon as the transport in use is the last of `ways`. */
  upgraded(ways) {
    if (this.transport === ways.at(-1)) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.io.engine.once('upgrade', resolve);
    });
  }

  /** What the server acknowledges `event` with. */
  ask(event, ...args) {
    const answer = new Promise((resolve) => {
      this.socket.emit(event, ...args, (...answer) => resolve(answer.map(plain)));
    });
    return soon(answer, `an ack of ${event}`);
  }

  close() {
    this.socket.disconnect();
    assert.equal(this.socket.connected, false);
  }
}

/** Bytes come as a Buffer, an ArrayBuffer or a Blob's like, by generation and transport. */
function plain(value) {
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map(plain);
  if (value && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}
