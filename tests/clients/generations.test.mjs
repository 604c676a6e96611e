// The delivery engine with the official clients v2, v3 and v4, each over polling alone, WebSocket alone, and from one
// to the other: everything that a client can do comes back as it was sent.
import { strict as assert } from 'node:assert';
import { after, afterEach, before, describe, test } from 'node:test';
import { GENERATIONS, Talker } from './generations.mjs';
import { Conformance, WAYS } from './support.mjs';

/** As `maxPayload` of the example. */
const MAX_PAYLOAD = 1_000_000;
const ARGS = [1, 'zwei', '셋 ㅋㅋ 👋 \u2028 "\\', { 4: [true, null, -0.5] }, [], {}, ''];
const BYTES = Buffer.from([0, 1, 4, 30, 127, 128, 254, 255]);
const WITH_BYTES = ['앞', BYTES, { deep: [{ bytes: Buffer.alloc(0) }, 'text'], more: Buffer.from('둘') }, 7];

let server;
const open = [];
before(async () => {
  server = await Conformance.open('socketio');
});
afterEach(() => {
  for (const talker of open.splice(0)) talker.close();
  assert.ok(server.isRunning, 'the server has ended');
});
after(() => server.close());

/** Somebody in `namespace`, closed when the test ends. */
function talker(generation, ways, namespace = '/', options = {}) {
  const opened = new Talker(generation, server.address + namespace, ways, options);
  open.push(opened);
  return opened;
}

async function settled(...args) {
  const opened = talker(...args);
  await opened.settled(args[1]);
  return opened;
}

for (const [name, generation] of Object.entries(GENERATIONS)) {
  for (const [way, ways] of Object.entries(WAYS)) {
    describe(`${name} over ${way}`, () => {
      test('connects, and is greeted with what it said of itself', async () => {
        const auth = { token: '열쇠 "1"' };
        const opened = await settled(generation, ways, '/', { auth });
        assert.deepEqual(await opened.hears('auth'), [generation.hasAuth ? auth : {}]);
        assert.deepEqual(opened.heard.map(([event]) => event), ['connect', 'auth']);
        // v2 makes its id of that of the engine; since v3 the public id is not the secret one.
        if (generation.hasAuth) assert.notEqual(opened.socket.id, opened.socket.io.engine.id);
        assert.ok(opened.socket.id);
      });

      test('a message comes back with all its arguments, bytes included', async () => {
        const opened = await settled(generation, ways);
        for (const [index, args] of [ARGS, WITH_BYTES, [], [BYTES], [null]].entries()) {
          opened.socket.emit('message', ...args);
          assert.deepEqual(await opened.hears('message-back', index + 1), args);
        }
      });

      test('acknowledgements go both ways, bytes included', async () => {
        const opened = await settled(generation, ways);
        for (const [index, args] of [ARGS, WITH_BYTES, []].entries()) {
          assert.deepEqual(await opened.ask('message-with-ack', ...args), args);
          opened.socket.emit('emit-with-ack', ...args);
          assert.deepEqual(await opened.hears('emit-with-ack', 2 * index + 1), args, 'what the server asked');
          assert.deepEqual(await opened.hears('emit-with-ack', 2 * index + 2), args, 'what the server was answered');
        }
        const asked = Array.from({ length: 50 }, (_, number) => opened.ask('message-with-ack', number));
        assert.deepEqual(await Promise.all(asked), [...Array(50).keys()].map((number) => [number]));
      });

      test('two namespaces share a connection and nothing else', async () => {
        const first = await settled(generation, ways);
        const second = talker({ ...generation, open: () => first.socket.io.socket('/custom', {}) }, server.address, ways);
        await second.hears('auth');
        assert.equal(second.socket.io, first.socket.io);
        first.socket.emit('message', '하나', BYTES);
        second.socket.emit('message', BYTES, '둘');
        assert.deepEqual(await first.hears('message-back'), ['하나', BYTES]);
        assert.deepEqual(await second.hears('message-back'), [BYTES, '둘']);
        second.socket.disconnect();
        assert.equal((await second.hears('disconnect'))[0], 'io client disconnect');
        assert.deepEqual(await first.ask('message-with-ack', '아직'), ['아직']);
        assert.deepEqual([first.all('message-back').length, second.all('message-back').length], [1, 1]);
      });

      test('a namespace that does not exist is refused, and the connection stays', async () => {
        const first = await settled(generation, ways);
        const lost = talker({ ...generation, open: () => first.socket.io.socket('/random', {}) }, server.address, ways);
        const [error] = await lost.hears(generation.refusal);
        assert.equal(error.message, 'Invalid namespace');
        assert.deepEqual(lost.all('connect'), []);
        assert.deepEqual(await first.ask('message-with-ack', '아직'), ['아직']);
      });

      test('who is thrown out is told, comes back by itself, and is served again', async () => {
        const options = { reconnection: true, randomizationFactor: 0 };
        const opened = talker(generation, ways, '/', options);
        await opened.settled(ways);
        const id = opened.socket.id;
        // No client says this: it ends the connection.
        opened.socket.io.engine.write('{');
        const [reason] = await opened.hears('disconnect');
        assert.match(reason, /^transport (close|error)$/);
        await opened.hears('auth', 2);
        assert.notEqual(opened.socket.id, id);
        assert.deepEqual(await opened.ask('message-with-ack', '또'), ['또']);
        opened.close();
        assert.equal((await opened.hears('disconnect', 2))[0], 'io client disconnect');
      });

      test('who is expelled hears it last, in every namespace, and stays away', async () => {
        const first = await settled(generation, ways, '/', { reconnection: true });
        const second = talker({ ...generation, open: () => first.socket.io.socket('/custom', {}) }, server.address, ways);
        await second.hears('auth');
        const ended = new Promise((resolve) => first.socket.io.engine.once('close', resolve));
        first.socket.emit('expel', ...WITH_BYTES);
        first.socket.emit('message', 'not heard any more');
        for (const opened of [first, second]) assert.equal((await opened.hears('disconnect'))[0], 'io server disconnect');
        await ended;
        assert.deepEqual(first.heard.slice(2), [['message-back', ...WITH_BYTES], ['disconnect', ...first.heard.at(-1).slice(1)]]);
        assert.deepEqual(second.heard.map(([event]) => event), ['connect', 'auth', 'disconnect']);
        assert.ok(!first.socket.io.reconnecting && !first.socket.io._reconnecting);
      });

      test('what is said while the transport changes arrives once and in order, both ways', async () => {
        const opened = talker(generation, ways);
        await opened.hears('connect');
        let upgraded = ways.length === 1;
        let over = upgraded;
        const first = opened.transport;
        if (!upgraded) opened.upgraded(ways).then(() => (upgraded = true));
        let said = 0;
        // Ten are always under way: the upgrade comes in the middle of them.
        for (let heard = 0; heard < said || heard === 0; heard += 1) {
          while (said < heard + 10 && (said < 200 || !over)) {
            over = upgraded && said >= 200;
            opened.socket.emit('message', said, said % 7 === 0 ? Buffer.from([said % 256]) : '글');
            said += 1;
          }
          await opened.hears('message-back', heard + 1);
        }
        assert.deepEqual(opened.all('message-back').map(([number]) => number), [...Array(said).keys()]);
        assert.ok(said >= 200);
        assert.deepEqual([first, opened.transport], [ways.length === 1 ? ways[0] : first, ways.at(-1)]);
      });

      test('a hundred messages of one moment come back in order', async () => {
        const opened = await settled(generation, ways);
        for (let number = 0; number < 100; number += 1) opened.socket.emit('message', number, 'ㅋ'.repeat(number));
        await opened.hears('message-back', 100);
        assert.deepEqual(opened.all('message-back'), [...Array(100).keys()].map((n) => [n, 'ㅋ'.repeat(n)]));
      });

      test('a message may be as large as was announced, and no larger', async () => {
        const opened = await settled(generation, ways);
        const packet = '42["message",""]';
        // A polling payload of v2 carries the length in front: `1000000:`.
        const text = 'x'.repeat(MAX_PAYLOAD - packet.length - 8);
        opened.socket.emit('message', text);
        const [back] = await opened.hears('message-back');
        assert.ok(back === text, `${back.length} characters came back`);
        // In base64 it is a third larger.
        const bytes = Buffer.alloc(740_000, 7);
        opened.socket.emit('message', bytes);
        const [same] = await opened.hears('message-back', 2);
        assert.ok(same.equals(bytes), `${same.length} bytes came back`);
        opened.socket.emit('message', 'x'.repeat(MAX_PAYLOAD + 1));
        const [reason] = await opened.hears('disconnect');
        assert.match(reason, /^transport (close|error)$/);
      });
    });
  }
}
