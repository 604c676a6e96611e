// Frames and packets that no client would ever send: they may cost the one who sends them their connection, and nobody
// else anything: see the canaries.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { chat, echo, MAX_PAYLOAD, VERSIONS, webSocket } from './canaries.mjs';
import { BINARY, CLOSE, frame, PING, PONG, TEXT } from './wire.mjs';

/** In the main namespace. */
async function inChat(version = 4) {
  const frames = await webSocket(chat, version);
  if (version === 4) frames.text('40');
  await frames.hears('42["auth"');
  return frames;
}

/** Resolves when the server has dealt with all that was sent: it answers the next thing, or has hung up. */
function settled(frames) {
  frames.text('42["message","settled"]');
  const answered = frames.hears('42["message-back","settled"]').then(() => 'open', () => 'over');
  return answered;
}

describe('WebSocket frames', () => {
  const hello = (text = '4hello') => [TEXT, text];
  const WRONG = {
    'a frame without a mask': [frame(...hello(), { masked: false })],
    'the first reserved bit': [frame(...hello(), { rsv: 4 })],
    'the last reserved bits': [frame(...hello(), { rsv: 3 })],
    'a data frame of no known kind': [frame(3, 'x')],
    'a control frame of no known kind': [frame(11, 'x')],
    'a ping that is too long': [frame(PING, 'x'.repeat(126))],
    'a ping in parts': [frame(PING, 'x', { fin: false })],
    'a continuation of nothing': [frame(0, 'x')],
    'a message within a message': [frame(...hello(), { fin: false }), frame(...hello())],
    'text that is not UTF-8': [frame(TEXT, Buffer.from([0x34, 0xc0, 0xaf]))],
    'text that ends in half a character': [frame(TEXT, Buffer.from([0x34, 0xea, 0xb0]))],
    'text that is not UTF-8, in parts': [
      frame(TEXT, '4', { fin: false }),
      frame(0, Buffer.from([0xed, 0xa0]), { fin: false }),
      frame(0, Buffer.from([0x80])),
    ],
    'a close with half a code': [frame(CLOSE, Buffer.from([3]))],
    'a close with a code that is not sent': [frame(CLOSE, Buffer.from([3, 0xed]))],
    'a length beyond all limits': [frame(...hello(), { length: 2n ** 62n })],
    'a length with the highest bit': [frame(...hello(), { length: 2n ** 63n })],
    'a message that is too long': [frame(TEXT, `4${'x'.repeat(MAX_PAYLOAD)}`)],
    'parts that are too long together': [
      frame(TEXT, `4${'x'.repeat(600_000)}`, { fin: false }),
      frame(0, 'x'.repeat(600_000), { fin: false }),
    ],
    'a packet of no kind': [frame(TEXT, 'abc')],
    'an empty text': [frame(TEXT, '')],
  };

  for (const [name, frames] of Object.entries(WRONG)) {
    test(`${name} ends the connection`, async () => {
      for (const version of VERSIONS) {
        const wrong = await webSocket(echo, version);
        await wrong.hears('0');
        wrong.beat(version);
        for (const bytes of frames) wrong.line.write(bytes);
        await wrong.ended();
        wrong.close();
        assert.deepEqual(wrong.heard.filter(([opcode, said]) => opcode === TEXT && String(said).startsWith('4')), []);
      }
    });
  }

  test('a message may come in parts, with pings between them, and byte by byte', async () => {
    for (const version of VERSIONS) {
      const frames = await webSocket(echo, version);
      await frames.hears('0');
      const wave = Buffer.from('4안👋');
      const parts = [
        frame(TEXT, wave.subarray(0, 3), { fin: false }),
        frame(PING, '하나'),
        frame(0, '', { fin: false }),
        frame(0, wave.subarray(3, 6), { fin: false }),
        frame(PING, ''),
        frame(0, wave.subarray(6)),
      ];
      for (const byte of Buffer.concat(parts)) frames.line.write(Buffer.from([byte]));
      await frames.has(TEXT, wave);
      await frames.has(PONG, '하나');
      await frames.has(PONG, '');
      const bytes = version === 3 ? [4, 0, 255] : [0, 255];
      frames.line.write(Buffer.concat([frame(BINARY, bytes.slice(0, 1), { fin: false }), frame(0, bytes.slice(1))]));
      await frames.has(BINARY, bytes);
      frames.send(CLOSE, Buffer.from([3, 0xe8]));
      await frames.ended();
      assert.equal(frames.heard.at(-1)[0], CLOSE);
    }
  });

  test('a connection that its client closes without a word, or only on one side, is let go', async () => {
    const rude = await webSocket(echo, 4);
    await rude.hears('0');
    rude.close();
    const half = await webSocket(echo, 4);
    await half.hears('0');
    half.line.socket.end();
    await half.ended();
    const stopped = await webSocket(echo, 4);
    stopped.line.socket.pause();
    stopped.text('4x');
    stopped.line.socket.resetAndDestroy();
  });
});

describe('Socket.IO packets', () => {
  const DEEP = 100_000;

  const SAID = [
    '4299999999999999999999["message-with-ack",1]',
    '4218446744073709551616["message-with-ack",1]',
    '42-1["message-with-ack",1]',
    '42001["message-with-ack",1]',
    '4399999999999999999999[1]',
    '431["never asked"]',
    '43[]',
    `42["message",${'['.repeat(DEEP)}`,
    `42["message",${'['.repeat(DEEP)}${']'.repeat(DEEP)}]`,
    `42["message",${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}]`,
    `42${'['.repeat(DEEP)}`,
    '42["message",1e999]',
    '42["message",-0]',
    '42["message","\\ud800"]',
    '42["message",{"__proto__":{"a":1},"constructor":1}]',
    '42["message",{"_placeholder":true,"num":0}]',
    '42["message"',
    '42["message",]',
    '42["message"]x',
    '42[{"toString":1},1]',
    '42[["message"],1]',
    '42[null]',
    '42[1]',
    '42[]',
    '42{}',
    '42"message"',
    '42null',
    '42',
    '42/',
    '42/,',
    '42/custom,["message",1]',
    `42/${'x'.repeat(100_000)},["message",1]`,
    '42["connect",1]',
    '42["connect_error",1]',
    '42["disconnect",1]',
    '42["disconnecting",1]',
    '42["newListener",1]',
    '40',
    '40{',
    '40[]',
    '40/custom,"text"',
    '40/custom?',
    '40/custom?a=%ff&a[b]=c',
    `40/${'x'.repeat(100_000)}`,
    '41/nowhere,',
    '44{}',
    '44/custom,"x"',
    '45',
    '45-',
    '45-["message"]',
    '450-["message",1]',
    '45x-["message"]',
    '451["message"]',
    '47["message"]',
    '4',
    '4\u0000',
    '0{}',
    '2probe',
    '5',
    '6',
  ];

  for (const version of VERSIONS) {
    test(`protocol ${version}: a packet that nobody understands ends its connection at the most`, async () => {
      for (const said of SAID) {
        const frames = await inChat(version);
        frames.text(said);
        await settled(frames);
        frames.close();
      }
    });
  }

  test('an event that nobody handles is ignored, whatever its name', async () => {
    for (const version of VERSIONS) {
      const frames = await inChat(version);
      for (const name of ['error', '__proto__', 'toString', 'constructor', 'exit', '', '없다', 'close']) {
        frames.text(`42${JSON.stringify([name, 'x', { a: 1 }])}`);
        frames.text(`427${JSON.stringify([name])}`);
      }
      assert.equal(await settled(frames), 'open');
      const heard = frames.heard.filter(([opcode, said]) => opcode === TEXT && /^4[^0]/.test(said));
      assert.deepEqual(heard.map(([, said]) => String(said)), ['42["auth",{}]', '42["message-back","settled"]']);
    }
  });

  test('attachments that are not as announced end the connection', async () => {
    const one = '451-["message",{"_placeholder":true,"num":0}]';
    const bytes = (version) => [BINARY, Buffer.from(version === 3 ? [4, 1, 2, 3] : [1, 2, 3])];
    for (const version of VERSIONS) {
      for (const said of [
        [bytes(version)],
        [[TEXT, one], [TEXT, one]],
        [[TEXT, one], [TEXT, '42["message",1]']],
        [[TEXT, one], bytes(version), bytes(version)],
        [[TEXT, '45999999999-["message"]']],
        [[TEXT, '4599999999999999999999-["message"]']],
        [[TEXT, '45-1-["message"]']],
        [[TEXT, '451-["message",{"_placeholder":true,"num":7}]'], bytes(version)],
        [[TEXT, '451-["message",{"_placeholder":true,"num":-1}]'], bytes(version)],
        [[TEXT, '451-["message",{"_placeholder":true,"num":"0"}]'], bytes(version)],
        [[TEXT, '451-["message",{"_placeholder":true}]'], bytes(version)],
      ]) {
        const frames = await inChat(version);
        frames.beat(version);
        for (const part of said) frames.send(...part);
        await frames.line.ended(`the end after ${said.map(String)} in protocol ${version}`);
        frames.close();
      }
    }
  });

  test('odd attachments that are as announced harm nobody', async () => {
    for (const version of VERSIONS) {
      for (const said of [
        '451-["message",1]',
        '452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]',
        '451-["nobody",{"_placeholder":true,"num":0}]',
        '461-7[{"_placeholder":true,"num":0}]',
        '451-[{"_placeholder":true,"num":0}]',
        '451-/custom,["message",{"_placeholder":true,"num":0}]',
      ]) {
        const frames = await inChat(version);
        frames.text(said);
        for (let left = Number(said[2]); left > 0; left -= 1) frames.send(BINARY, [4, 1]);
        await settled(frames);
        frames.close();
      }
    }
  });

  test('attachments that never come keep nobody waiting', async () => {
    const waiting = await inChat(4);
    waiting.text('453-["message",{"_placeholder":true,"num":0}]');
    waiting.send(BINARY, [1]);
    const other = await inChat(4);
    assert.equal(await settled(other), 'open');
    // It ends by its heartbeat, which nobody answers, at the latest.
    await waiting.ended();
  });

  test('who never enters a namespace is let go, though the heart beats', async () => {
    const frames = await webSocket(chat, 4);
    frames.beat(4);
    await frames.ended();
    const pings = frames.heard.filter(([opcode, said]) => opcode === TEXT && String(said) === '2');
    // One each 300 ms, and a second for entering.
    assert.ok(pings.length >= 2 && pings.length <= 6, `let go after ${pings.length} pings`);
  });
});
