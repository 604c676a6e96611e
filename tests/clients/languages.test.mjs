// The delivery engine with the clients that people use from Python and from Rust, each over polling alone, WebSocket
// alone, and from one to the other. The programs are in python/ and rust/; what they need is installed for this test
// alone: a virtual environment in a temporary folder, and a build beside those of our own programs.
import { strict as assert } from 'node:assert';
import { after, afterEach, before, describe, test } from 'node:test';
import path from 'node:path';
import { python } from './python.mjs';
import { Conformance, here, run, WAYS } from './support.mjs';

let server;
before(async () => {
  server = await Conformance.open('socketio');
});
afterEach(() => assert.ok(server.isRunning, 'the server has ended'));
after(() => server.close());

describe('python-socketio', () => {
  let environment;
  before(async () => {
    environment = await python();
  });
  after(() => environment?.remove());

  for (const [way, ways] of Object.entries(WAYS)) {
    test(`over ${way}`, () => environment.run('client.py', server.address, ...ways));
  }
});

describe('rust_socketio', () => {
  const folder = path.join(here, 'rust');
  const target = path.resolve(here, '../../target/rust-client');
  before(() => run('cargo', ['build', '--locked', '--quiet', '--target-dir', target], { cwd: folder }));

  for (const [way, ways] of Object.entries(WAYS)) {
    const transport = ways.length === 2 ? 'upgrade' : ways[0];
    test(`over ${way}`, () => run(path.join(target, 'debug/gifchat-rust-client'), [server.address, transport]));
  }
});
