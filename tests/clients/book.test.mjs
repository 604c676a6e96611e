// The clients of the book's pages work as they are: they open a page, emit `join` without an ack, post over HTTP, and
// hear events with exactly the fields of the contract.
import { strict as assert } from 'node:assert';
import { after, before, describe, test } from 'node:test';
import { GIF, Server, sorted, WAYS } from './support.mjs';

const ROOM = [
  '_id', 'createdAt', 'locked', 'max', 'members', 'owner', 'ownerMember', 'password', 'preset', 'raid', 'slow', 'title',
];
/** What of a room is the same in every test here. */
const OPEN = { locked: false, slow: 0, preset: 'normal', raid: false };
const NOTICE = ['chat', 'code', 'createdAt', 'kind', 'member', 'members', 'room', 'seq', 'user'];
const MEMBER = ['color', 'id', 'name'];
const TEXT = ['_id', 'chat', 'createdAt', 'member', 'name', 'room', 'seq', 'user'];
const PICTURE = ['_id', 'color', 'createdAt', 'duration', 'gif', 'height', 'member', 'name', 'room', 'seq', 'user', 'width'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** Heard of who hangs up: at first they may come back, which these clients do not ask about. */
const GONE = ['away', 'exit'];
/** Locked its creator out in the book. */
const PASSWORD = '비밀 & 번호+#%41';

let server;
before(async () => {
  server = await Server.open();
});
after(() => server.close());

function assertRoom(room, wanted) {
  assert.deepEqual(sorted(room), ROOM);
  assert.match(room.createdAt, TIME);
  const { createdAt, ...rest } = room;
  assert.deepEqual(rest, wanted);
}

function assertNotice(notice, person, verb, members) {
  assert.deepEqual(sorted(notice), NOTICE);
  assert.match(notice.createdAt, TIME);
  assert.deepEqual([notice.kind, notice.code], verb === '입장' ? ['join', 'joined'] : ['exit', 'left']);
  assert.deepEqual(sorted(notice.member), MEMBER);
  assert.equal(notice.user, 'system');
  assert.equal(notice.chat, `${person.color}님이 ${verb}하셨습니다.`);
  assert.equal(notice.member.id, person.member);
  assert.equal(notice.member.color, person.color);
  assert.ok(notice.member.name);
  assert.equal(notice.members, members);
}

for (const [name, ways] of Object.entries(WAYS)) {
  describe(`over ${name}`, () => {
    test('two people of the book talk in a room with a password', async () => {
      const [watcher, owner, guest] = await Promise.all([server.person(), server.person(), server.person()]);
      const lobbyLine = await watcher.connect(ways);
      const lobby = await lobbyLine.enter('/room');

      const room = await owner.makeRoom({ title: '비밀 점심방', max: '7', password: PASSWORD });
      const shown = { _id: room, title: '비밀 점심방', max: 7, owner: owner.color, password: true, ...OPEN };
      shown.ownerMember = owner.member;
      assertRoom(await lobby.hears('newRoom', ({ _id }) => _id === room), { ...shown, members: 0 });

      await owner.visit(room);
      const ownerLine = await owner.connect(ways);
      const first = await ownerLine.enter('/chat');
      first.emit('join', room);
      const updated = await lobby.hears('updateRoom', ({ _id, members }) => _id === room && members === 1);
      assertRoom(updated, { ...shown, members: 1 });

      const entered = await guest.form(`/room/${room}/enter`, { password: PASSWORD });
      assert.equal(entered.headers.get('location'), `/room/${room}`);
      await guest.visit(room);
      const guestLine = await guest.connect(ways);
      const second = await guestLine.enter('/chat');
      second.emit('join', room);
      const came = await first.hears('join');
      assertNotice(came, guest, '입장', 2);
      assert.deepEqual([came.room, came.seq], [room, 2], 'the owner came first');

      const said = await guest.json(`/room/${room}/chat`, { chat: '안녕하세요 ㅋㅋ 👋' });
      assert.equal(said.status, 201);
      const text = await second.hears('chat');
      assert.deepEqual(sorted(text), TEXT);
      assert.deepEqual(await said.json(), text);
      assert.deepEqual(await first.hears('chat'), text);
      assert.match(text.createdAt, TIME);
      assert.match(text._id, /^[0-9a-f]{24}$/);
      assert.equal(text.chat, '안녕하세요 ㅋㅋ 👋');
      assert.deepEqual([text.room, text.user, text.member], [room, guest.color, guest.member]);
      assert.equal(text.seq, came.seq + 1);

      const shownGif = await owner.gif(room);
      assert.equal(shownGif.status, 201);
      const picture = await second.hears('chat', ({ gif }) => gif);
      assert.deepEqual(sorted(picture), PICTURE);
      assert.deepEqual(await shownGif.json(), picture);
      assert.deepEqual(await first.hears('chat', ({ gif }) => gif), picture);
      assert.match(picture.gif, /^[0-9a-f]{64}\.gif$/);
      assert.deepEqual([picture.width, picture.height, picture.user, picture.seq], [1, 1, owner.color, text.seq + 1]);
      const served = await guest.fetch(`/gif/${picture.gif}`);
      assert.equal(served.headers.get('content-type'), 'image/gif');
      assert.deepEqual(Buffer.from(await served.arrayBuffer()), GIF);

      guestLine.assertWay();
      guestLine.close();
      const left = await first.hears('exit');
      assertNotice(left, guest, '퇴장', 1);
      assert.equal(left.seq, picture.seq + 1);
      assert.deepEqual(second.all('join'), [], 'told of their own coming');
      assert.deepEqual(first.heard.map(([event]) => event), ['join', 'chat', 'chat', ...GONE]);

      ownerLine.assertWay();
      ownerLine.close();
      assert.equal(await lobby.hears('removeRoom', (id) => id === room), room);
      lobbyLine.assertWay();
      server.assertNothingToldOf(PASSWORD, encodeURIComponent(PASSWORD));
    });

    test('the oldest pages are in the room that their address names', async () => {
      const [owner, guest] = await Promise.all([server.person(), server.person()]);
      const room = await owner.makeRoom();
      await Promise.all([owner.visit(room), guest.visit(room)]);
      const page = { referer: `${server.address}/room/${room}` };
      const ownerLine = await owner.connect(ways, page);
      const lobby = await ownerLine.enter('/room');
      const first = await ownerLine.enter('/chat');
      await lobby.hears('updateRoom', ({ _id, members }) => _id === room && members === 1);
      const line = await guest.connect(ways, page);
      const second = await line.enter('/chat');
      assertNotice(await first.hears('join'), guest, '입장', 2);
      assert.equal((await guest.json(`/room/${room}/chat`, { chat: '옛날 페이지' })).status, 201);
      assert.equal((await second.hears('chat')).chat, '옛날 페이지');
      line.assertWay();
      line.close();
      assertNotice(await first.hears('exit'), guest, '퇴장', 1);
      assert.deepEqual(first.heard.map(([event]) => event), ['join', 'chat', ...GONE]);
    });
  });
}
