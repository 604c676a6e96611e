// The echo server in both its modes, with four canaries: connected over polling and over WebSocket before the first test
// of a file, and answered on the same connections after each. Importing this sets it up; what hostile tests speak with is
// here too.
import { strict as assert } from 'node:assert';
import { after, afterEach, before } from 'node:test';
import { Socket as Engine } from 'engine.io-client';
import { GENERATIONS, Talker } from './generations.mjs';
import { Conformance, soon } from './support.mjs';
import { Frames, request } from './wire.mjs';

/** As the example has it. */
export const MAX_PAYLOAD = 1_000_000;
export const VERSIONS = [3, 4];

/** The echo server in both its modes. */
export let chat;
export let echo;
let canaries;
let marks = 0;
/** Whatever a test leaves open: closed when it ends. */
export const open = [];

before(async () => {
  [chat, echo] = await Promise.all([Conformance.open('socketio'), Conformance.open('engineio')]);
  canaries = await Promise.all([
    ...['polling', 'websocket'].map((way) => Bird.inChat(way)),
    ...['polling', 'websocket'].map((way) => Bird.inEcho(way)),
  ]);
});
after(async () => {
  for (const bird of canaries ?? []) bird.close();
  await Promise.all([chat?.close(), echo?.close()]);
});
afterEach(async () => {
  marks += 1;
  await Promise.all(canaries.map((bird) => bird.sings(`살아 있다 ${marks}`)));
  for (const server of [chat, echo]) assert.ok(server.isRunning, 'the server has ended');
  for (const line of open.splice(0)) line.close();
});

/** A canary: it is answered, and never has to connect again. */
class Bird {
  static async inChat(way) {
    const bird = new Bird();
    const talker = new Talker(GENERATIONS['client v4'], chat.address, [way]);
    await talker.settled([way]);
    bird.alive = () => talker.all('disconnect').length === 0;
    bird.ask = (mark) => talker.ask('message-with-ack', mark).then(([answer]) => answer);
    bird.close = () => talker.close();
    return bird;
  }

  static async inEcho(way) {
    const bird = new Bird();
    const engine = new Engine(echo.address, { path: '/engine.io', transports: [way] });
    let over = false;
    engine.on('close', () => (over = true));
    await soon(new Promise((resolve) => engine.once('open', resolve)), 'a canary');
    bird.alive = () => !over;
    bird.ask = (mark) => {
      const answer = new Promise((resolve) => {
        engine.on('message', (said) => said === mark && resolve(said));
      });
      engine.send(mark);
      return soon(answer, 'an echo');
    };
    bird.close = () => engine.close();
    return bird;
  }

  async sings(mark) {
    assert.ok(this.alive(), 'a canary was cut off');
    assert.equal(await this.ask(mark), mark);
    assert.ok(this.alive(), 'a canary was cut off');
  }
}

const address = (server) => (server === chat ? '/socket.io/' : '/engine.io/');
export const query = (server, version, transport, sid) =>
  `${address(server)}?EIO=${version}&transport=${transport}${sid ? `&sid=${sid}` : ''}`;

/** A polling session by hand. */
export class Polls {
  static async open(server, version) {
    const polls = new Polls();
    polls.server = server;
    polls.version = version;
    const answer = await request(server.address, query(server, version, 'polling'));
    assert.equal(answer.status, 200);
    polls.sid = /"sid":"([^"]+)"/.exec(answer.body)[1];
    polls.path = query(server, version, 'polling', polls.sid);
    return polls;
  }

  get() {
    return request(this.server.address, this.path);
  }

  post(body, fields = {}) {
    return request(this.server.address, this.path, { method: 'POST', body, fields });
  }

  webSocket() {
    return webSocket(this.server, this.version, this.sid);
  }

  /** A packet as a payload of this version. */
  payload(text) {
    return this.version === 3 ? `${text.length}:${text}` : text;
  }

  /** Fails unless the session is as good as new. */
  async assertEchoes(text) {
    assert.equal((await this.post(this.payload(`4${text}`))).status, 200);
    assert.match(String((await this.get()).body), new RegExp(`4${text}$`));
  }

  /** Fails unless the session is over. */
  async assertOver() {
    assert.equal((await this.get()).status, 400);
  }
}

/** A WebSocket by hand, of a session or of its own; closed when the test ends. */
export async function webSocket(server, version, sid) {
  const frames = await Frames.open(server.address, query(server, version, 'websocket', sid));
  open.push(frames);
  return frames;
}
