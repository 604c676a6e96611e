// What strangers send that no client sends, most of which ends the book's process. Two canaries, one over polling and
// one over WebSocket, are connected before all of it, and hear everything that is said in their room after it.
import { strict as assert } from 'node:assert';
import { request } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { GIF, Server, soon } from './support.mjs';

const EVIL = 'http://evil.example';
const ENGINE = '/socket.io/?EIO=4&transport=';

let server;
let owner;
let room;
let canaries;
let stranger;
let marks = 0;

before(async () => {
  server = await Server.open({ GIFCHAT_EMPTY_GRACE: '60s' });
  owner = await server.person();
  room = await owner.makeRoom({ title: '카나리아' });
  await owner.visit(room);
  canaries = [];
  for (const way of ['polling', 'websocket']) {
    const line = await owner.connect([way]);
    const ear = await line.enter('/chat');
    assert.equal((await ear.ask('join', room)).error, undefined);
    canaries.push({ line, ear, sid: ear.socket.id });
  }
  stranger = await server.person();
});
after(() => server.close());

afterEach(async () => {
  assert.ok(server.isRunning, 'the server has ended');
  marks += 1;
  const mark = `살아 있다 ${marks}`;
  assert.equal((await owner.json(`/room/${room}/chat`, { chat: mark })).status, 201);
  for (const { line, ear, sid } of canaries) {
    await ear.hears('chat', ({ chat }) => chat === mark);
    line.assertWay();
    assert.equal(ear.socket.id, sid, 'a canary had to connect again');
  }
});

/** A WebSocket on which anything can be said; it collects packets. */
class Raw {
  packets = [];
  #waiting = new Set();

  static async open({ person = stranger, sid = '', headers = {} } = {}) {
    const raw = new Raw();
    const address = `${server.address.replace('http', 'ws')}${ENGINE}websocket${sid && `&sid=${sid}`}`;
    raw.socket = new WebSocket(address, { headers: { cookie: person.cookie, ...headers } });
    raw.closed = new Promise((resolve) => {
      raw.socket.once('close', resolve);
    });
    raw.socket.on('message', (data) => {
      raw.packets.push(String(data));
      for (const check of raw.#waiting) check();
    });
    await soon(
      new Promise((resolve, reject) => {
        raw.socket.once('open', resolve);
        raw.socket.once('unexpected-response', (_, answer) => {
          answer.resume();
          reject(Object.assign(new Error('refused'), { status: answer.statusCode }));
        });
        raw.socket.on('error', reject);
      }),
      'a raw WebSocket',
    );
    return raw;
  }

  /** In `/chat`. */
  static async inChat(options) {
    const raw = await Raw.open(options);
    raw.socket.send('40/chat,');
    await raw.hears('40/chat,');
    return raw;
  }

  hears(start) {
    return soon(this.#packet(start), `${start}; heard ${this.packets}`);
  }

  /** The first packet that starts so, now or later. */
  #packet(start) {
    let check;
    const found = new Promise((resolve) => {
      check = () => {
        const packet = this.packets.find((said) => said.startsWith(start));
        if (packet !== undefined) resolve(packet);
      };
      this.#waiting.add(check);
      check();
    });
    return found.finally(() => this.#waiting.delete(check));
  }

  /** When everything said so far has been dealt with: the next thing is answered, or the connection is closed. */
  async settle() {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send('42/chat,99["join","nothing"]');
    const answered = this.#packet('43/chat,99').then(() => 'open');
    return soon(Promise.race([answered, this.closed.then(() => 'closed')]), 'an answer');
  }

  end() {
    this.socket.terminate();
    return soon(this.closed, 'the end');
  }
}

/** Names that mean something to some library or other. */
const NAMES = ['error', 'connect', 'disconnect', 'disconnecting', 'newListener', '__proto__', 'toString', 'exit', ''];
const SAID = [
  ...NAMES.map((name) => `42/chat,${JSON.stringify([name, 'x'])}`),
  '42/chat,[{"toString":1},"x"]',
  '42/chat,[{"a":{}},"x"]',
  '42/chat,[["join"],"x"]',
  '42/chat,[null]',
  '42/chat,[7]',
  '42/chat,[]',
  '42/chat,{}',
  '42/chat,"join"',
  '42/chat,["join"',
  '42/chat,["join","\\ud800"]',
  '42/chat,',
  '42',
  '42["join","x"]',
  '42/nowhere,["join","x"]',
  '40/nowhere,',
  '40/chat,',
  '40/chat,{{{',
  '41/nowhere,',
  '43/chat,99999999999999999999[]',
  '43/chat,7["never asked"]',
  '44/chat,{}',
  '451-/chat,["chat",{"_placeholder":true,"num":0}]',
  '4599999999999999-/chat,["chat"]',
  '45-/chat,[]',
  '46/chat,[]',
  `42/chat,["join",${'['.repeat(10_000)}`,
  `42/chat,["join",${'['.repeat(5_000)}${']'.repeat(5_000)}]`,
  '4',
  '49',
  '0{}',
  '1',
  '2',
  '3probe',
  '5',
  '6',
  '7',
  'x',
  '',
  '\u0000',
];

test('no packet harms anybody but who sends it', async () => {
  for (const said of SAID) {
    const raw = await Raw.inChat();
    raw.socket.send(said);
    await raw.settle();
    await raw.end();
  }
  for (const said of SAID) {
    const polled = await handshake();
    const answer = await stranger.fetch(polled, { method: 'POST', body: `40/chat,\x1e${said}` });
    assert.ok(answer.status < 500, `${answer.status}: ${said.slice(0, 50)}`);
  }
});

test('binary packets, asked for or not, harm nobody but who sends them', async () => {
  const head = '451-/chat,["chat",{"_placeholder":true,"num":0}]';
  for (const said of [
    [Buffer.from([0, 255, 254])],
    [Buffer.alloc(0)],
    [head, GIF],
    [head, head],
    [head, '42/chat,["join","x"]'],
    [head, GIF, GIF],
    ['451-/chat,["chat",{"_placeholder":true,"num":7}]', GIF],
    ['451-/chat,["chat",{"_placeholder":true,"num":-1}]', GIF],
    ['451-/chat,[{"_placeholder":true,"num":0}]', GIF],
    ['461-/chat,1[{"_placeholder":true,"num":0}]', GIF],
  ]) {
    const raw = await Raw.inChat();
    for (const part of said) raw.socket.send(part);
    await raw.settle();
    await raw.end();
  }
});

test('a message that is too long ends its connection alone', async () => {
  const long = await Raw.inChat();
  long.socket.send(`42/chat,["chat",{"room":"${room}","chat":"${'가'.repeat(100_000)}"}]`);
  await soon(long.closed, 'the end of the connection');
  const polled = await handshake();
  const answer = await stranger.fetch(polled, { method: 'POST', body: `4${'x'.repeat(200_000)}` });
  assert.equal(answer.status, 413);
  assert.equal((await stranger.fetch(polled)).status, 400);
});

/** Opens a polling connection; the address of its requests. */
async function handshake() {
  const answer = await stranger.fetch(`${ENGINE}polling`);
  assert.equal(answer.status, 200);
  const { sid } = JSON.parse((await answer.text()).slice(1));
  return `${ENGINE}polling&sid=${sid}`;
}

/** A request with exactly these fields; its status. Node's `fetch` sets some itself. */
function bare(address, { method = 'GET', body, headers }) {
  const answered = new Promise((resolve, reject) => {
    const sent = request(server.address + address, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.once('error', reject);
    sent.end(body);
  });
  return soon(answered, address);
}

test('requests that make no sense are refused', async () => {
  for (const [address, options] of [
    [`${ENGINE}polling&sid=nobody`],
    [`${ENGINE}polling&sid=nobody`, { method: 'POST', body: '40' }],
    [`${ENGINE}polling&sid=${canaries[0].sid}`],
    [`${ENGINE}polling&sid=`],
    [`${ENGINE}polling`, { method: 'POST', body: '40' }],
    [`${ENGINE}polling`, { method: 'DELETE' }],
    [`${ENGINE}websocket`],
    [`${ENGINE}pigeon`],
    ['/socket.io/?EIO=9&transport=polling'],
    ['/socket.io/?EIO=4'],
    ['/socket.io/'],
  ]) {
    const answer = await stranger.fetch(address, options);
    assert.equal(answer.status, 400, `${options?.method ?? 'GET'} ${address}`);
  }
  await assert.rejects(Raw.open({ sid: 'nobody' }), { status: 400 });
});

test('two polls at once are both answered, and end that connection', async () => {
  const address = await handshake();
  const opened = await stranger.fetch(address, { method: 'POST', body: '40/chat,' });
  assert.equal(opened.status, 200);
  assert.match(await (await stranger.fetch(address)).text(), /^40\/chat,/);
  const polls = await soon(Promise.all([stranger.fetch(address), stranger.fetch(address)]), 'both polls');
  assert.ok(polls.every(({ status }) => status < 500), `${polls.map(({ status }) => status)}`);
  assert.ok(polls.some(({ status }) => status === 400), `${polls.map(({ status }) => status)}`);
  assert.equal((await stranger.fetch(address)).status, 400);
});

test('a Referer is no right, and an odd or a missing one no harm', async () => {
  const [secret, member] = await Promise.all([server.person(), server.person()]);
  const closed = await secret.makeRoom({ password: '비밀' });
  await secret.visit(closed);
  const inside = await (await secret.connect(['websocket'])).enter('/chat');
  assert.equal((await inside.ask('join', closed)).error, undefined);
  await member.form(`/room/${closed}/enter`, { password: '비밀' });
  const places = ['x', '///', '/room/', `${EVIL}/`, `${server.address}/room/nope`, `${server.address}/room/%00`];
  const rooms = ['0'.repeat(24), closed].map((id) => `${server.address}/room/${id}`);
  for (const referer of [undefined, ...places, ...rooms]) {
    const raw = await Raw.inChat({ headers: referer ? { referer } : {} });
    raw.socket.send('42/chat,["exit","x"]');
    assert.equal(await raw.settle(), 'open', referer);
    await raw.end();
  }
  // A member's coming and going, after those of the strangers and damped for as long: theirs would have come first.
  const line = await member.connect(['websocket']);
  await (await line.enter('/chat')).ask('join', closed);
  line.close();
  assert.equal((await inside.hears('exit')).member.id, member.member);
  assert.deepEqual(inside.heard.map(([event, { member: who }]) => [event, who.id ?? who]), [
    ['join', member.member],
    ['away', member.member],
    ['exit', member.member],
  ]);
});

test('no page of another origin opens a connection or speaks in one', async () => {
  const polled = await handshake();
  const sid = /sid=(.+)$/.exec(polled)[1];
  for (const headers of [{ origin: EVIL }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
    for (const [address, options] of [
      [`${ENGINE}polling`],
      [polled],
      [polled, { method: 'POST', body: '40/chat,' }],
    ]) {
      const status = await bare(address, { ...options, headers: { ...headers, cookie: stranger.cookie } });
      assert.equal(status, 403, `${JSON.stringify(headers)} ${options?.method ?? 'GET'} ${address}`);
    }
    await assert.rejects(Raw.open({ headers }), { status: 403 });
    await assert.rejects(Raw.open({ headers, sid }), { status: 403 });
  }
  const own = await Raw.inChat({ headers: { origin: server.address } });
  assert.equal(await own.settle(), 'open');
  await own.end();
  // The connection they tried to speak in knows nothing of it.
  assert.equal((await stranger.fetch(polled, { method: 'POST', body: '40/chat,' })).status, 200);
  assert.match(await (await stranger.fetch(polled)).text(), /^40\/chat,/);
});

test('the parts of a form may be of any shape', async () => {
  const type = 'multipart/form-data; boundary=x';
  for (const body of [
    '--x\r\n Content-Disposition: form-data; name="gif"; filename="a"\r\n\r\nGIF89a\r\n--x--\r\n',
    '--x\r\n\r\n\r\n--x--\r\n',
    '--x\r\nContent-Disposition: form-data; name="gif"; filename="a"\r\n\r\nGIF89a',
    '--x--',
    '',
  ]) {
    const answer = await owner.fetch(`/room/${room}/gif`, { method: 'POST', body, headers: { 'content-type': type } });
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}: ${body}`);
  }
});
