// One room, and everybody who can be in one: the official clients v2, v3 and v4 in a browser, python-socketio, a plain
// WebSocket and a reader of server-sent events. All hear the same messages, in the same order.
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { WebSocket } from 'ws';
import { python } from './python.mjs';
import { here, Server, soon } from './support.mjs';

const EACH = 10;
/** The bundles that pages load, and over what they are to talk. */
const SCRIPTS = {
  'browser v2': ['socket.io-client-2/dist/socket.io.js', ['polling', 'websocket']],
  'browser v3': ['socket.io-client-3/dist/socket.io.js', ['polling']],
  'browser v4': ['socket.io-client/dist/socket.io.js', ['websocket']],
};

let server;
let browser;
let environment;
before(async () => {
  [server, environment, browser] = await Promise.all([
    // Nobody comes as the owner, and nobody takes their place.
    Server.open({ GIFCHAT_EMPTY_GRACE: '60s', GIFCHAT_OWNER_GRACE: '60s' }),
    python(),
    chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    }),
  ]);
});
after(async () => {
  await browser?.close();
  await server?.close();
  await environment?.remove();
});

/** What somebody has heard, in order. */
class Heard {
  messages = [];
  #waiting = new Set();

  note(message) {
    this.messages.push(message);
    for (const check of this.#waiting) check();
  }

  /** Resolves with `count` messages. */
  all(count, who) {
    const heard = new Promise((resolve) => {
      const check = () => this.messages.length >= count && resolve(this.messages);
      this.#waiting.add(check);
      check();
    });
    return soon(heard, `${count} messages at ${who}`);
  }
}

/** Every kind of member: comes in, and then `say`s, and has `heard`. */
const KINDS = {
  ...Object.fromEntries(
    Object.entries(SCRIPTS).map(([name, [script, transports]]) => [name, (room) => page(room, script, transports)]),
  ),
  'python-socketio': programInPython,
  'plain WebSocket': plain,
  'server-sent events': reader,
};

const texts = (who) => Array.from({ length: EACH }, (_, number) => `${who} ${number} ㅋㅋ 👋`);

/** Somebody with the right to enter, who has not entered. */
async function admitted(room) {
  const person = await server.person();
  await person.visit(room);
  return person;
}

/** A page without scripts of ours that loads the official bundle, as the pages of the book do. */
async function page(room, script, transports) {
  const context = await browser.newContext({ bypassCSP: true });
  const tab = await context.newPage();
  const person = await admitted(room);
  const [name, value] = person.cookie.split(/=(.*)/);
  await context.addCookies([{ name, value, url: server.address }]);
  await tab.goto(`${server.address}/healthz`);
  await tab.addScriptTag({ path: path.join(here, 'node_modules', script) });
  const heard = new Heard();
  await tab.exposeFunction('hear', (message) => heard.note(message));
  await soon(
    tab.evaluate(
      ([room, transports]) =>
        new Promise((resolve, reject) => {
          const socket = io(`${location.origin}/chat`, { transports });
          window.socket = socket;
          // One after the other: calls into the test are not in order by themselves.
          let last = Promise.resolve();
          socket.on('chat', (message) => {
            last = last.then(() => window.hear(message));
          });
          socket.on('connect', () =>
            socket.emit('join', room, (answer) => {
              const { engine } = socket.io;
              if (answer.error) reject(new Error(answer.error.detail));
              else if (engine.transport.name === transports.at(-1)) resolve();
              else engine.once('upgrade', () => resolve());
            }),
          );
        }),
      [room, transports],
    ),
    'a page to be in the room',
  );
  const say = (texts) =>
    tab.evaluate(
      ([room, texts]) =>
        Promise.all(texts.map((chat) => new Promise((resolve) => socket.emit('chat', { room, chat }, resolve)))),
      [room, texts],
    );
  const transport = () => tab.evaluate(() => socket.io.engine.transport.name);
  return { heard, say, check: async () => assert.equal(await transport(), transports.at(-1)) };
}

async function programInPython(room, who) {
  const person = await admitted(room);
  const child = environment.start('room.py', server.address, person.cookie, room, ...texts(who));
  const heard = new Heard();
  const said = [];
  let joined;
  const ready = new Promise((resolve) => (joined = resolve));
  const over = new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const [event, value] = JSON.parse(line);
      if (event === 'joined') joined(value);
      if (event === 'chat') heard.note(value);
      if (event === 'said' && said.push(value) === EACH) resolve(said);
    });
  });
  assert.equal((await soon(ready, 'the Python program to be in the room')).error, undefined);
  const say = () => {
    child.stdin.write('\n');
    return soon(over, 'the Python program to say it all');
  };
  const close = async () => {
    child.stdin.end('\n');
    const [code] = await soon(once(child, 'exit'), 'the end of the Python program');
    assert.equal(code, 0);
  };
  return { heard, say, close };
}

async function plain(room) {
  const person = await admitted(room);
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}/ws`, { headers: { cookie: person.cookie } });
  const heard = new Heard();
  const answers = new Map();
  socket.on('message', (data, isBinary) => {
    assert.equal(isBinary, false);
    const { type, ref, ...rest } = JSON.parse(data);
    if (type === 'chat') heard.note(rest);
    if (ref !== undefined) answers.get(ref)?.({ type, ...rest });
  });
  await soon(once(socket, 'open'), 'a plain WebSocket');
  let refs = 0;
  const ask = (command) => {
    refs += 1;
    const answer = new Promise((resolve) => answers.set(refs, resolve));
    socket.send(JSON.stringify({ ...command, ref: refs }));
    return soon(answer, `an answer to ${command.type}`);
  };
  const joined = await ask({ type: 'join', room });
  assert.deepEqual([joined.type, joined.error], ['ack', undefined]);
  const say = (texts) => Promise.all(texts.map((chat) => ask({ type: 'chat', room, chat })));
  return { heard, say, close: () => socket.terminate() };
}

/** Hears by server-sent events, and speaks over HTTP. */
async function reader(room) {
  const person = await admitted(room);
  const abort = new AbortController();
  const stream = await person.fetch(`/room/${room}/events`, { signal: abort.signal });
  assert.equal(stream.status, 200);
  assert.match(stream.headers.get('content-type'), /^text\/event-stream/);
  assert.equal(stream.headers.get('x-accel-buffering'), 'no');
  const heard = new Heard();
  let seen;
  const first = new Promise((resolve) => (seen = resolve));
  (async () => {
    let rest = '';
    for await (const bytes of stream.body.pipeThrough(new TextDecoderStream())) {
      rest += bytes;
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/).slice(0, 2)));
        seen();
        if (fields.event !== 'chat') continue;
        const message = JSON.parse(fields.data);
        assert.equal(fields.id, String(message.seq));
        heard.note(message);
      }
    }
  })().catch((error) => abort.signal.aborted || heard.note(error));
  await soon(first, 'the first event of the stream');
  const say = async (texts) => {
    for (const chat of texts) assert.equal((await person.json(`/room/${room}/chat`, { chat })).status, 201);
  };
  return { heard, say, close: () => abort.abort() };
}

test('everybody hears the same, whatever they listen with', async () => {
  const owner = await server.person();
  const room = await owner.makeRoom({ title: '모두', max: '10' });
  const members = await Promise.all(
    Object.entries(KINDS).map(async ([who, open]) => ({ who, close() {}, check() {}, ...(await open(room, who)) })),
  );
  try {
    await Promise.all(members.map(({ who, say }) => say(texts(who))));
    const count = EACH * members.length;
    const [first, ...others] = await Promise.all(members.map(({ who, heard }) => heard.all(count, who)));
    assert.equal(new Set(first.map(({ chat }) => chat)).size, count);
    assert.deepEqual(first.map(({ seq }) => seq), Array.from({ length: count }, (_, index) => first[0].seq + index));
    for (const [index, heard] of others.entries()) {
      const { who } = members[index + 1];
      assert.equal(heard.length, count, who);
      for (const [at, message] of heard.entries()) assert.deepEqual(message, first[at], `${who}, message ${at}`);
    }
    for (const { who } of members) {
      // What one said is in the order in which they said it.
      assert.deepEqual(first.map(({ chat }) => chat).filter((chat) => chat.startsWith(`${who} `)), texts(who));
    }
    for (const { check } of members) await check();
  } finally {
    await Promise.all(members.map(({ close }) => close()));
  }
});
