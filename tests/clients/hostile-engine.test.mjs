// What the published protocol suites leave out: everything that a client would never do. Each of it may cost the one who
// does it their connection, and nobody else anything: see the canaries. Here: requests, upgrades and polling payloads.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { chat, echo, MAX_PAYLOAD, open, Polls, query, VERSIONS, webSocket } from './canaries.mjs';
import { soon } from './support.mjs';
import { begun, Line, request, statusOf, TEXT } from './wire.mjs';

describe('requests', () => {
  test('what makes no sense is refused', async () => {
    const polls = await Polls.open(echo, 4);
    const upgraded = await webSocket(echo, 4);
    const [, payload] = await upgraded.hears('0');
    const { sid } = JSON.parse(String(payload).slice(1));
    for (const [path, options] of [
      ['/engine.io/'],
      ['/engine.io/?EIO=5&transport=polling'],
      ['/engine.io/?EIO=2&transport=polling'],
      ['/engine.io/?EIO=&transport=polling'],
      ['/engine.io/?EIO=4abc&transport=polling'],
      ['/engine.io/?EIO=%34%34&transport=polling'],
      ['/engine.io/?transport=polling'],
      ['/engine.io/?EIO=4&transport=pigeon'],
      ['/engine.io/?EIO=4&transport=constructor'],
      ['/engine.io/?EIO=4&transport=__proto__'],
      ['/engine.io/?EIO=4&transport='],
      ['/engine.io/?EIO=4'],
      ['/engine.io/?EIO=4&transport=websocket'],
      ['/engine.io/?EIO=4&transport=polling&sid=nobody'],
      ['/engine.io/?EIO=4&transport=polling&sid=__proto__'],
      [`/engine.io/?EIO=4&transport=polling&sid=${'x'.repeat(5_000)}`],
      [`/engine.io/?EIO=4&transport=polling&sid=${sid}`],
      ['/engine.io/?EIO=4&transport=polling', { method: 'POST', body: '4' }],
      ['/engine.io/?EIO=4&transport=polling', { method: 'PUT', body: '4' }],
      ['/engine.io/?EIO=4&transport=polling', { method: 'DELETE' }],
      [polls.path, { method: 'DELETE' }],
      [polls.path, { method: 'PATCH', body: '4x' }],
    ]) {
      const { status } = await request(echo.address, path, options);
      assert.ok(status >= 400 && status < 500, `${status}: ${options?.method ?? 'GET'} ${path.slice(0, 80)}`);
    }
    await upgraded.line.ended('the end of a session that does not answer pings');
  });

  test('a WebSocket handshake that is none is refused', async () => {
    const path = '/engine.io/?EIO=4&transport=websocket';
    const whole = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
    const key = { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    for (const fields of [
      whole,
      { ...whole, ...key, Upgrade: 'pigeon' },
      { ...whole, ...key, 'Sec-WebSocket-Version': '8' },
      { ...whole, 'Sec-WebSocket-Key': 'short' },
    ]) {
      const { status } = await request(echo.address, path, { fields });
      assert.ok(status >= 400 && status < 500, `${status}: ${JSON.stringify(fields)}`);
    }
    assert.ok((await request(echo.address, path, { method: 'POST', fields: { ...whole, ...key } })).status >= 400);
    assert.equal((await webSocket(echo, 4, 'nobody')).status, 400);
  });

  for (const version of VERSIONS) {
    test(`protocol ${version}: two polls at once are both answered, and end the session`, async () => {
      const polls = await Polls.open(echo, version);
      const answers = await Promise.all([polls.get(), polls.get()]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
      const told = answers.find(({ status }) => status === 200);
      assert.equal(String(told.body), polls.payload('1'));
      await polls.assertOver();
    });

    test(`protocol ${version}: a second POST while the first has not ended does not mix with it`, async () => {
      const polls = await Polls.open(echo, version);
      const slow = await begun(echo.address, polls.path, { 'Content-Length': 100 }, polls.payload('4half'));
      open.push(slow);
      const { status } = await polls.post(polls.payload('4whole'));
      assert.ok(status === 200 || status === 400, `${status}`);
      const answer = await polls.get();
      if (status === 200) assert.equal(String(answer.body), polls.payload('4whole'));
      else assert.ok([200, 400].includes(answer.status));
      assert.ok(!String(answer.body).includes('half'));
    });

    test(`protocol ${version}: a body that is too large is refused, however it comes`, async () => {
      const long = Buffer.alloc(MAX_PAYLOAD + 1, 'x');
      const announced = await Polls.open(echo, version);
      const { status } = await announced.post(long);
      // Whoever is still sending may see the connection go before the answer.
      assert.ok([413, 0].includes(status), `${status}`);
      await announced.assertOver();

      const chunked = await Polls.open(echo, version);
      const line = await begun(echo.address, chunked.path, { 'Transfer-Encoding': 'chunked' });
      open.push(line);
      for (let sent = 0; sent <= MAX_PAYLOAD; sent += 100_000) {
        line.write(`${(100_000).toString(16)}\r\n`);
        line.write(long.subarray(0, 100_000));
        line.write('\r\n');
      }
      assert.ok([413, 0].includes(await statusOf(line)));
      await chunked.assertOver();
    });

    test(`protocol ${version}: a body whose sender is gone in the middle says nothing`, async () => {
      const polls = await Polls.open(echo, version);
      const line = await begun(echo.address, polls.path, { 'Content-Length': 100 }, polls.payload('4half'));
      line.close();
      const answer = await soon(
        (async () => {
          const { status } = await polls.post(polls.payload('4whole'));
          return status === 200 ? polls.get() : undefined;
        })(),
        'an answer',
      );
      if (answer) assert.equal(String(answer.body), polls.payload('4whole'));
    });
  }

  test('who asks in halves, or not at all, keeps nobody waiting', async () => {
    for (let index = 0; index < 50; index += 1) {
      const line = await Line.open((index % 2 ? chat : echo).address);
      open.push(line);
      if (index % 3 === 1) line.write('GET /engine.io/?EIO=4&tra');
      if (index % 3 === 2) line.write(`GET ${query(echo, 4, 'polling')} HTTP/1.1\r\nHost: x\r\nX-Slow: `);
    }
    await (await Polls.open(echo, 4)).assertEchoes('still');
  });

  test('a client that has said all it will say is still answered', async () => {
    const polls = await Polls.open(echo, 4);
    const line = await Line.open(echo.address);
    open.push(line);
    line.socket.end(`POST ${polls.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\n4hi`);
    assert.ok([200, 0].includes(await statusOf(line)));
    await line.ended();
  });
});

describe('upgrades', () => {
  for (const version of VERSIONS) {
    test(`protocol ${version}: an upgrade that is given up leaves the session as it was`, async () => {
      const polls = await Polls.open(echo, version);
      const silent = await polls.webSocket();
      silent.close();
      const probed = await polls.webSocket();
      probed.text('2probe');
      await probed.hears('3probe');
      probed.close();
      // Until the server has noticed, a poll may be answered with nothing, and a WebSocket may be one too many.
      let answer;
      assert.equal((await polls.post(polls.payload('4again'))).status, 200);
      do answer = await polls.get();
      while (answer.status === 200 && String(answer.body) === polls.payload('6'));
      assert.equal(String(answer.body), polls.payload('4again'));
    });

    test(`protocol ${version}: what is said before the probe is not heard`, async () => {
      const polls = await Polls.open(echo, version);
      const hasty = await polls.webSocket();
      hasty.text('4hasty');
      const poll = polls.get();
      await hasty.ended();
      assert.ok(!String((await poll).body).includes('hasty'));
      assert.deepEqual(hasty.heard.filter(([opcode, said]) => opcode === TEXT && String(said) === '4hasty'), []);
    });

    test(`protocol ${version}: an upgrade without a probe harms nobody else`, async () => {
      const polls = await Polls.open(echo, version);
      const hasty = await polls.webSocket();
      hasty.text('5');
      hasty.text('4hello');
      // Taken for an upgrade or for nonsense, but not for both.
      await Promise.race([hasty.hears('4hello').catch(() => hasty.ended()), hasty.ended()]);
    });

    test(`protocol ${version}: of two who upgrade one session, one does`, async () => {
      const polls = await Polls.open(echo, version);
      const [first, second] = await Promise.all([polls.webSocket(), polls.webSocket()]);
      for (const frames of [first, second]) {
        if (frames.status !== 101) continue;
        frames.text('2probe');
        frames.text('5');
        frames.text('4hello');
      }
      const won = await Promise.all(
        [first, second].map((frames) => (frames.status === 101 ? frames.hears('4hello').then(() => 1, () => 0) : 0)),
      );
      assert.equal(won[0] + won[1], 1);
      await polls.assertOver();
    });

    test(`protocol ${version}: after the upgrade polling is over, also for who was polling`, async () => {
      const polls = await Polls.open(echo, version);
      const waiting = polls.get();
      const frames = await polls.webSocket();
      frames.text('2probe');
      await frames.hears('3probe');
      assert.equal(String((await waiting).body), polls.payload('6'));
      frames.text('5');
      frames.text('4hello');
      await frames.hears('4hello');
      await polls.assertOver();
      assert.equal((await polls.post(polls.payload('4late'))).status, 400);
      const late = await polls.webSocket();
      await late.ended();
      frames.text('4still');
      await frames.hears('4still');
      assert.deepEqual(frames.heard.filter(([, said]) => String(said) === '4late'), []);
    });
  }

  test('a session has one protocol: the other finds nothing in it', async () => {
    const polls = await Polls.open(echo, 3);
    const other = await request(echo.address, query(echo, 4, 'polling', polls.sid), { method: 'POST', body: '4x' });
    assert.ok(other.status < 500, `${other.status}`);
    const frames = await webSocket(echo, 4, polls.sid);
    assert.ok([101, 400].includes(frames.status), `${frames.status}`);
  });
});

describe('polling payloads', () => {
  test('protocol 3 counts UTF-16 code units', async () => {
    const polls = await Polls.open(echo, 3);
    for (const text of ['👋', '가나다 👋👋', 'ㅋ', '\u{10ffff}a']) await polls.assertEchoes(text);
    const split = await Polls.open(echo, 3);
    // The length ends between the two halves of one character.
    assert.ok((await split.post('2:4👋')).status < 500);
  });

  test('protocol 3: a length that is none ends the session', async () => {
    for (const body of [
      '-1:4',
      '-6:4hello',
      '+6:4hello',
      '1e1:4hello1234',
      '0x6:4hello',
      'x:4hello',
      ':4hello',
      '6',
      '6:',
      '7:4hello',
      '6:4hello7:4hello',
      '99999999999999999999:4hello',
      '18446744073709551616:4',
      `${'9'.repeat(400)}:4`,
      '6:4hello6',
      'hello',
    ]) {
      const polls = await Polls.open(echo, 3);
      const { status } = await polls.post(body);
      assert.ok([400, 0].includes(status), `${status}: ${body.slice(0, 40)}`);
      await polls.assertOver();
    }
  });

  test('protocol 3: binary payloads of any shape harm nobody else', async () => {
    const bodies = [
      [],
      [0],
      [255],
      [0, 255],
      [0, 6, 255],
      [0, 6, 255, 52],
      [2, 1, 255, 52],
      [1, 5, 255, 4, 1, 2],
      [1, 0, 255],
      [0, 10, 255, 52],
      [0, 57, 255, 52],
      [0, ...Array(400).fill(9), 255, 52],
      [0, ...Array(400).fill(0), 255, 52],
      [1, 2, 255, 9, 9],
      [0, 2, 255, 52, 255],
    ];
    for (const bytes of bodies) {
      const polls = await Polls.open(echo, 3);
      const { status } = await polls.post(Buffer.from(bytes), { 'Content-Type': 'application/octet-stream' });
      assert.ok(status < 500, `${status}: ${bytes.slice(0, 20)}`);
    }
    const polls = await Polls.open(echo, 3);
    const whole = Buffer.from([0, 2, 255, 0x34, 0x78, 1, 5, 255, 4, 1, 2, 3, 4]);
    assert.equal((await polls.post(whole, { 'Content-Type': 'application/octet-stream' })).status, 200);
    assert.deepEqual((await polls.get()).body, whole);
  });

  test('base64 that is none harms nobody else', async () => {
    for (const [version, bodies] of [
      [3, ['6:b4!!!!', '2:b4', '1:b', '3:b49', '3:bxx', '7:b4AQ==A', '6:b4\u0000\u0000\u0000\u0000']],
      [4, ['b!!!!', 'b', 'bA', 'bAQID\x1eb=', 'b====', 'bAQ==AQ==', 'b\u0000', 'b가']],
    ]) {
      for (const body of bodies) {
        const polls = await Polls.open(echo, version);
        assert.ok((await polls.post(body)).status < 500, body);
      }
    }
  });

  test('protocol 4: packets of no kind, or of none that a client may send, end the session at the most', async () => {
    const alone = ['0{}', '2', '3', '4', '5', '6', '7', '9x', 'x'];
    for (const body of ['', '\x1e', '\x1e\x1e\x1e', '\u0000', '4ok\x1ex', ...alone]) {
      const polls = await Polls.open(echo, 4);
      assert.ok((await polls.post(body)).status < 500, JSON.stringify(body));
    }
    const invalid = await Polls.open(echo, 4);
    assert.ok((await invalid.post(Buffer.from([0x34, 0xff, 0xfe, 0xc0]))).status < 500);
  });
});
