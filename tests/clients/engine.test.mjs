// The engine below Socket.IO, with its own official clients of both protocols; and what its HTTP answers look like.
import { strict as assert } from 'node:assert';
import { after, afterEach, before, describe, test } from 'node:test';
import { Socket as Engine4 } from 'engine.io-client';
import engine3 from 'engine.io-client-3';
import { Conformance, soon, WAYS } from './support.mjs';

const CLIENTS = {
  'protocol 3': (address, options) => engine3(address, options),
  'protocol 4': (address, options) => new Engine4(address, options),
};
const SAID = [
  'hello',
  '',
  '안녕 👋 \u2028 \0',
  Buffer.from([0, 1, 2, 4, 30, 127, 128, 254, 255]),
  Buffer.alloc(0),
  'x'.repeat(100_000),
  Buffer.alloc(100_000, 7),
];

let server;
const open = [];
before(async () => {
  server = await Conformance.open('engineio');
});
afterEach(() => {
  for (const engine of open.splice(0)) engine.close();
  assert.ok(server.isRunning, 'the server has ended');
});
after(() => server.close());

/** Everything that comes back of `said`, when all has. */
async function echoed(engine, said) {
  const heard = [];
  const all = new Promise((resolve) => {
    engine.on('message', (data) => {
      // The clients have no data for a text of no length.
      heard.push(typeof data === 'object' ? Buffer.from(data) : (data ?? ''));
      if (heard.length === said.length) resolve(heard);
    });
  });
  for (const message of said) engine.send(message);
  return soon(all, `${said.length} messages`);
}

async function opened(client, ways) {
  const engine = client(server.address, { path: '/engine.io', transports: ways });
  open.push(engine);
  await soon(new Promise((resolve) => engine.once('open', resolve)), 'an engine');
  return engine;
}

for (const [name, client] of Object.entries(CLIENTS)) {
  for (const [way, ways] of Object.entries(WAYS)) {
    test(`${name} over ${way}: text and bytes come back as they were, in order, through an upgrade too`, async () => {
      const engine = await opened(client, ways);
      assert.equal(engine.transport.name, ways[0]);
      const upgraded = ways.length === 1 ? undefined : new Promise((resolve) => engine.once('upgrade', resolve));
      assert.deepEqual(await echoed(engine, SAID), SAID);
      await soon(upgraded, 'the upgrade');
      assert.equal(engine.transport.name, ways.at(-1));
      engine.removeAllListeners('message');
      const numbers = Array.from({ length: 200 }, (_, number) => String(number));
      assert.deepEqual(await echoed(engine, numbers), numbers);
    });

    test(`${name} over ${way}: the heart beats on both sides`, async () => {
      const engine = await opened(client, ways);
      let closed = false;
      engine.once('close', () => (closed = true));
      for (let beats = 0; beats < 3; beats += 1) {
        await soon(new Promise((resolve) => engine.once(name === 'protocol 3' ? 'pong' : 'ping', resolve)), 'a beat');
      }
      assert.equal(closed, false);
      assert.deepEqual(await echoed(engine, ['still']), ['still']);
    });
  }
}

describe('HTTP answers', () => {
  const path = (version, more = '') => `${server.address}/engine.io/?EIO=${version}&transport=polling${more}`;

  /** Opens a session; the answer and the address of its polls. */
  async function handshake(version, more) {
    const answer = await fetch(path(version, more), { headers: { origin: 'http://elsewhere.example' } });
    assert.equal(answer.status, 200);
    const { sid } = JSON.parse(/\{.*\}/.exec(await answer.text())[0]);
    return { answer, poll: path(version, `&sid=${sid}`) };
  }

  test('text is text, base64 is text, and only bytes are bytes', async () => {
    for (const [version, more, body, wanted, type] of [
      [4, '', '4가', '4가', 'text/plain; charset=utf-8'],
      [4, '', '4가\x1ebAQIDBA==', '4가\x1ebAQIDBA==', 'text/plain; charset=utf-8'],
      [3, '', '2:4가', '2:4가', 'text/plain; charset=utf-8'],
      [3, '&b64=1', '10:b4AQIDBA==', '10:b4AQIDBA==', 'text/plain; charset=utf-8'],
      [3, '', '10:b4AQIDBA==', '\u0001\u0005\u00ff\u0004\u0001\u0002\u0003\u0004', 'application/octet-stream'],
    ]) {
      const { poll } = await handshake(version, more);
      const posted = await fetch(poll, { method: 'POST', body });
      assert.deepEqual([posted.status, await posted.text()], [200, 'ok']);
      const polled = await fetch(poll);
      assert.equal(polled.headers.get('content-type').toLowerCase(), type);
      const bytes = Buffer.from(await polled.arrayBuffer());
      assert.equal(bytes.toString(type.startsWith('text') ? 'utf8' : 'latin1'), wanted);
    }
  });

  test('nothing is cached, no cookie is set, and pages of other origins may ask', async () => {
    for (const version of [3, 4]) {
      const { answer, poll } = await handshake(version);
      const asked = await fetch(poll, { method: 'POST', body: version === 3 ? '2:4x' : '4x' });
      for (const { headers } of [answer, asked, await fetch(poll, { headers: { origin: 'http://elsewhere.example' } })]) {
        assert.match(headers.get('cache-control') ?? '', /no-store/);
        assert.equal(headers.get('set-cookie'), null);
      }
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    }
    const preflight = await fetch(path(4), {
      method: 'OPTIONS',
      headers: {
        origin: 'http://elsewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    assert.ok(preflight.ok, `${preflight.status}`);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.ok(preflight.headers.get('access-control-allow-methods'));
  });
});
