// Starts the server's own program on a free port and a folder of its own, and gives people who come to it:
// each with their cookie, their sockets, and a memory of everything that these heard.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import colorHash from 'color-hash';
import { Manager } from 'socket.io-client';

// The package is CommonJS made of a module: its class is under `default`.
const colors = new colorHash.default();

export const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.resolve(here, process.env.GIFCHAT_BIN ?? '../../target/debug/gifchat');
const conformance = path.resolve(here, process.env.CONFORMANCE_BIN ?? '../../target/debug/examples/conformance');

/** Longest wait for something that must happen, in milliseconds: beyond it the test has failed. */
const PATIENCE = 10_000;

/** Short enough to wait for; a rate of 0 is no limit. */
const SETTINGS = {
  GIFCHAT_EMPTY_GRACE: '2s',
  GIFCHAT_EXIT_DAMPING: '200ms',
  GIFCHAT_OWNER_GRACE: '200ms',
  GIFCHAT_MESSAGE_RATE: '0',
  GIFCHAT_COMMAND_RATE: '0',
  GIFCHAT_UPLOAD_RATE: '0',
  GIFCHAT_ROOM_RATE: '0',
  GIFCHAT_PASSWORD_RATE: '0',
  GIFCHAT_ROOMS_PER_SESSION: '1000',
  GIFCHAT_LOG: 'warn',
};

/** Every way a client can talk, by name. */
export const WAYS = {
  'polling alone': ['polling'],
  'WebSocket alone': ['websocket'],
  'polling, upgraded to WebSocket': ['polling', 'websocket'],
};

/** The smallest film: one white pixel. */
export const GIF = Buffer.from('R0lGODlhAQABAPAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64');

export const sorted = (object) => Object.keys(object).sort();

/** Fails when `promise` takes longer than anybody would wait. */
export async function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${PATIENCE} ms in vain for ${what}`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program to its end; fails unless its status is 0. */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  const [code, signal] = await once(child, 'exit');
  assert.equal(code, 0, `${command} ended with ${code ?? signal}`);
}

/** What the program that was started prints as its address: the first group of `pattern`. */
function addressOf(child, pattern) {
  const opened = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the server ended: ${code ?? signal}`)));
    createInterface(child.stdout).on('line', (line) => {
      const address = pattern.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
  return soon(opened, 'the server to open');
}

/** The echo server that the delivery engine has as an example, in one of its modes: `socketio` or `engineio`. */
export class Conformance {
  #process;

  static async open(mode) {
    const server = new Conformance();
    const more = (process.env.CONFORMANCE_ARGS ?? '').split(' ').filter(Boolean);
    const args = ['--listen', '127.0.0.1:0', '--mode', mode, ...more];
    server.#process = spawn(conformance, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    server.address = await addressOf(server.#process, /(http:\/\/\S+)/);
    return server;
  }

  get isRunning() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async close() {
    if (!this.isRunning) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await soon(ended, 'the server to end');
  }
}

/** A running server. */
export class Server {
  people = [];
  #process;
  #data;
  #settings;

  static async open(settings = {}) {
    const server = new Server();
    server.#settings = settings;
    server.#data = await mkdtemp(path.join(tmpdir(), 'gifchat-clients-'));
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Starts the program on its data folder, as at first or as it was left. */
  async start() {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIFCHAT_'));
    const env = { ...Object.fromEntries(inherited), ...SETTINGS, ...this.#settings, GIFCHAT_DATA: this.#data };
    this.#process = spawn(program, ['--listen', '127.0.0.1:0'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.address = await addressOf(this.#process, /GIF Chat is open at (http:\/\/\S+)/);
  }

  get isRunning() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async #end(signal) {
    if (!this.#process?.pid || !this.isRunning) return;
    const ended = once(this.#process, 'exit');
    process.kill(this.#process.pid, signal);
    await soon(ended, 'the server to end');
  }

  /** As when the power fails. */
  kill() {
    return this.#end('SIGKILL');
  }

  async close() {
    for (const person of this.people) person.leave();
    await this.#end('SIGTERM').catch(() => this.kill());
    await rm(this.#data, { recursive: true, force: true });
  }

  /** Somebody who has looked at the lobby, and so has a cookie. */
  async person() {
    const person = new Person(this);
    const lobby = await person.fetch('/');
    assert.equal(lobby.status, 200);
    this.people.push(person);
    return person;
  }

  /** Fails when an event or an ack told anybody one of `secrets`, or the session of anybody. */
  assertNothingToldOf(...secrets) {
    const told = JSON.stringify(this.people.flatMap((person) => person.heard));
    for (const secret of [...secrets, ...this.people.map((person) => person.session)]) {
      const written = JSON.stringify(secret).slice(1, -1);
      assert.ok(!told.includes(written), `a socket was told the secret ${secret}`);
    }
  }
}

/** A visitor with one cookie, as a browser has it. */
export class Person {
  #cookies = new Map();
  #connections = [];
  heard = [];

  constructor(server) {
    this.server = server;
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get #identity() {
    const parts = /=([0-9a-f]{32})\.([0-9a-f]+)\.(?:ko|en)$/.exec(decodeURIComponent(this.#cookies.get('gifchat')));
    assert.ok(parts, 'the cookie is not as the contract has it');
    return { session: parts[1], member: parts[2] };
  }

  get session() {
    return this.#identity.session;
  }

  get member() {
    return this.#identity.member;
  }

  /** As npm's color-hash makes it of the session. */
  get color() {
    return colors.hex(this.session);
  }

  /** `fetch` of a path, with the cookies, and without following redirections. */
  async fetch(address, options = {}) {
    const headers = { 'accept-language': 'ko', ...options.headers };
    if (this.#cookies.size) headers.cookie = this.cookie;
    const answer = await fetch(this.server.address + address, { redirect: 'manual', ...options, headers });
    for (const field of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(field);
      this.#cookies.set(name, value);
    }
    return answer;
  }

  /** Sends the form of a page. */
  form(address, fields) {
    return this.fetch(address, { method: 'POST', body: new URLSearchParams(fields) });
  }

  json(address, value) {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    return this.fetch(address, { method: 'POST', body: JSON.stringify(value), headers });
  }

  gif(room, bytes = GIF) {
    const form = new FormData();
    form.append('gif', new Blob([bytes], { type: 'image/gif' }), '고양이 #1?.gif');
    return this.fetch(`/room/${room}/gif`, { method: 'POST', body: form, headers: { accept: 'application/json' } });
  }

  /** Makes a room by the form; its id. */
  async makeRoom(fields = {}) {
    const answer = await this.form('/room', { title: '점심 짤방', max: '10', password: '', ...fields });
    assert.equal(answer.status, 303);
    const [, id] = /^\/room\/([0-9a-f]{24})$/.exec(answer.headers.get('location'));
    return id;
  }

  /** Opens the page of a room they have the right to. */
  async visit(room) {
    const page = await this.fetch(`/room/${room}`);
    assert.equal(page.status, 200);
    return page.text();
  }

  /** A connection over `ways`, as `io()` makes it; ready when its upgrade is done. */
  async connect(ways, headers = {}) {
    const connection = new Connection(this, ways, headers);
    this.#connections.push(connection);
    await soon(connection.settled, 'a connection');
    return connection;
  }

  /** Closes everything they have open. */
  leave() {
    for (const connection of this.#connections.splice(0)) connection.close();
  }
}

/** One Engine.IO connection with its namespaces. */
export class Connection {
  #manager;
  #ways;

  constructor(person, ways, headers) {
    this.person = person;
    this.#ways = ways;
    this.#manager = new Manager(person.server.address, {
      transports: ways,
      extraHeaders: { cookie: person.cookie, ...headers },
      reconnection: false,
      autoConnect: false,
    });
    this.settled = new Promise((resolve, reject) => {
      this.#manager.open((error) => {
        if (error) return reject(error);
        const { engine } = this.#manager;
        assert.equal(engine.transport.name, ways[0]);
        if (ways.length === 1) return resolve();
        return engine.once('upgrade', resolve);
      });
    });
  }

  /** The transport in use at this moment. */
  get transport() {
    return this.#manager.engine.transport.name;
  }

  get isOpen() {
    return this.#manager.engine.readyState === 'open';
  }

  /** Fails unless the connection lives, on the transport that it was to use. */
  assertWay() {
    assert.ok(this.isOpen, 'the connection has closed');
    assert.equal(this.transport, this.#ways.at(-1));
  }

  /** Enters a namespace; what its socket hears is remembered. */
  async enter(namespace) {
    const ear = new Ear(this.#manager.socket(namespace, {}), this.person.heard);
    await soon(ear.connected, `namespace ${namespace}`);
    return ear;
  }

  close() {
    this.#manager._close();
  }
}

/** A socket and what it has heard, in order: `[event, payload]`. */
export class Ear {
  heard = [];
  #waiting = new Set();
  #everything;

  constructor(socket, everything) {
    this.socket = socket;
    this.#everything = everything;
    this.connected = new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    socket.onAny((...event) => {
      this.heard.push(event);
      everything.push(event);
      for (const check of this.#waiting) check();
    });
    socket.connect();
  }

  emit(...event) {
    this.socket.emit(...event);
  }

  /** Emits, and waits for the ack. */
  async ask(...event) {
    const answer = await soon(this.socket.emitWithAck(...event), `an ack of ${event[0]}`);
    this.#everything.push([event[0], answer]);
    return answer;
  }

  all(name) {
    return this.heard.filter(([event]) => event === name).map(([, payload]) => payload);
  }

  /** The first payload of the event `name` that fits, now or later. */
  hears(name, fits = () => true) {
    return this.until(() => this.all(name).find(fits), `${name}; heard ${this.heard.map(([event]) => event)}`);
  }

  /** What `find` finds, as soon as it is not undefined. */
  until(find, what) {
    let check;
    const found = new Promise((resolve) => {
      check = () => {
        const value = find();
        if (value !== undefined) resolve(value);
      };
      this.#waiting.add(check);
      check();
    });
    return soon(found, what).finally(() => this.#waiting.delete(check));
  }
}
