// Joining with an ack: what somebody is given on coming, what they are given on coming back, and who may not come.
import { strict as assert } from 'node:assert';
import { after, before, describe, test } from 'node:test';
import { Server, sorted, WAYS } from './support.mjs';

const SNAPSHOT = ['epoch', 'me', 'members', 'messages', 'recovered', 'room', 'seq', 'whispers'];
const MEMBER = ['color', 'id', 'name'];

let server;
before(async () => {
  server = await Server.open({ GIFCHAT_EMPTY_GRACE: '60s' });
});
after(() => server.close());

/** An owner in a new room, and a guest who has seen its page. */
async function scene(ways, fields) {
  const [owner, guest] = await Promise.all([server.person(), server.person()]);
  const room = await owner.makeRoom(fields);
  await owner.visit(room);
  await guest.visit(room);
  const ear = await (await owner.connect(ways)).enter('/chat');
  const snapshot = await ear.ask('join', room);
  assert.equal(snapshot.error, undefined);
  return { owner, guest, room, ear, snapshot };
}

async function say(ear, room, chat) {
  const message = await ear.ask('chat', { room, chat });
  assert.equal(message.error, undefined);
  return message;
}

function assertRefused(answer, code, status, field) {
  assert.deepEqual(sorted(answer), ['error']);
  const { error } = answer;
  assert.deepEqual(sorted(error), ['code', 'detail', 'status', 'title', ...(field ? ['field'] : [])].sort());
  assert.deepEqual([error.code, error.status, error.field], [code, status, field]);
  assert.ok(error.title && error.detail);
}

for (const [name, ways] of Object.entries(WAYS)) {
  describe(`over ${name}`, () => {
    test('the ack of a join is the room as it is', async () => {
      const { owner, guest, room, ear, snapshot: first } = await scene(ways);
      assert.deepEqual(sorted(first), SNAPSHOT);
      assert.deepEqual([first.seq, first.whispers, first.recovered], [1, 0, false]);
      // One finds one's own coming in the history, and does not hear it.
      const [coming, ...others] = first.messages;
      assert.deepEqual(others, []);
      assert.deepEqual([coming.kind, coming.seq, coming.member.id], ['join', 1, owner.member]);
      assert.deepEqual(first.me, { id: owner.member, name: first.me.name, color: owner.color, owner: true });
      const said = [await say(ear, room, '하나'), await say(ear, room, '둘')];

      const line = await guest.connect(ways);
      const snapshot = await (await line.enter('/chat')).ask('join', { room });
      assert.deepEqual(sorted(snapshot), SNAPSHOT);
      assert.deepEqual(sorted(snapshot.me), MEMBER);
      assert.deepEqual([snapshot.me.id, snapshot.me.color], [guest.member, guest.color]);
      assert.deepEqual(snapshot.members, [first.me, snapshot.me], 'the owner is not first');
      const came = await ear.hears('join');
      assert.equal(came.seq, said[1].seq + 1);
      assert.deepEqual(snapshot.messages, [coming, ...said, came]);
      assert.deepEqual([snapshot.seq, snapshot.epoch, snapshot.whispers], [came.seq, first.epoch, 0]);
      assert.equal(snapshot.recovered, false);
      assert.deepEqual([snapshot.room._id, snapshot.room.members, snapshot.room.owner], [room, 2, owner.color]);
      line.assertWay();
    });

    test('who comes back has exactly what they missed, or is told that they have not', async () => {
      const { guest, room, ear } = await scene(ways);
      const gone = await guest.connect(ways);
      const before = await (await gone.enter('/chat')).ask('join', room);
      const known = await say(ear, room, '있을 때');
      gone.close();
      // Not before: the order of what was missed would not be known.
      const left = await ear.hears('exit');
      const missed = [left, await say(ear, room, '없을 때 1'), await say(ear, room, '없을 때 2')];

      const back = await (await guest.connect(ways)).enter('/chat');
      const again = await back.ask('join', { room, since: known.seq });
      missed.push(await ear.hears('join', ({ seq }) => seq > left.seq));
      assert.deepEqual(missed.map(({ seq }) => seq - known.seq), [1, 2, 3, 4]);
      assert.deepEqual([again.recovered, again.messages, again.seq], [true, missed, missed[3].seq]);
      const { epoch, seq } = again;
      const same = await back.ask('join', { room, since: { epoch, seq: known.seq } });
      assert.deepEqual([same.recovered, same.messages], [true, missed]);
      const nothing = await back.ask('join', { room, since: { epoch, seq } });
      assert.deepEqual([nothing.recovered, nothing.messages, nothing.seq], [true, [], seq]);
      for (const since of [{ epoch: epoch + 1, seq: known.seq }, seq + 1]) {
        const fresh = await back.ask('join', { room, since });
        const all = [...before.messages, known, ...missed];
        assert.deepEqual([fresh.recovered, fresh.messages], [false, all], JSON.stringify(since));
      }

      const live = await say(ear, room, '돌아온 뒤');
      assert.deepEqual(await back.hears('chat'), live);
      assert.deepEqual(back.all('chat'), [live], 'heard more than once, or what was in the snapshot');
    });

    test('only who was admitted comes in; every refusal says why', async () => {
      const { guest, room, ear } = await scene(ways, { password: '열려라' });
      const line = await guest.connect(ways);
      const stranger = await line.enter('/chat');
      assertRefused(await stranger.ask('join', room), 'not-admitted', 403);
      assertRefused(await stranger.ask('chat', { room, chat: '나도' }), 'not-in-room', 403);
      assertRefused(await stranger.ask('join', '0'.repeat(24)), 'no-such-room', 404);
      for (const shape of ['x', 7, null, {}, { room: { $ne: null } }]) {
        const { error } = await stranger.ask('join', shape);
        assert.deepEqual([error.status, error.field], [422, 'room'], JSON.stringify(shape));
      }
      for (const chat of ['', ' \n ', null, { toString: 1 }, '가'.repeat(2001)]) {
        const { error } = await ear.ask('chat', { room, chat });
        assert.deepEqual([error.status, error.field], [422, 'chat'], JSON.stringify(chat));
      }
      const { error } = await ear.ask('join', { room, since: -1 });
      assert.deepEqual([error.status, error.field], [422, 'since']);

      const last = await say(ear, room, '우리끼리');
      assert.deepEqual(await ear.hears('chat'), last);
      assert.deepEqual(ear.heard, [['chat', last]]);
      // Whatever was sent to the stranger came before the answer to this.
      await stranger.ask('join', room);
      assert.deepEqual(stranger.heard, []);
      line.assertWay();
      server.assertNothingToldOf('열려라');
    });

    test('two tabs of one person are one member', async () => {
      const { guest, room, ear } = await scene(ways);
      const tabs = [await guest.connect(ways), await guest.connect(ways)];
      for (const tab of tabs) {
        const { room: { members } } = await (await tab.enter('/chat')).ask('join', room);
        assert.equal(members, 2);
      }
      tabs[0].close();
      const kept = await server.person();
      await kept.visit(room);
      const visitor = await kept.connect(ways);
      await (await visitor.enter('/chat')).ask('join', room);
      visitor.close();
      // Somebody else's exit, damped for as long and begun later: by now that of a closed tab would have been told.
      const left = await ear.hears('exit');
      assert.deepEqual([left.member.id, left.members], [kept.member, 2]);
      tabs[1].close();
      assert.equal((await ear.hears('exit', ({ member }) => member.id === guest.member)).members, 1);
      assert.deepEqual(ear.all('join').map(({ member }) => member.id), [guest.member, kept.member]);
    });

    test('of six who enter a room for two at the same moment, two are in', async () => {
      const people = await Promise.all(Array.from({ length: 6 }, () => server.person()));
      const room = await people[0].makeRoom({ max: '2' });
      const ears = await Promise.all(
        people.map(async (person) => {
          await person.visit(room);
          return (await person.connect(ways)).enter('/chat');
        }),
      );
      const answers = await Promise.all(ears.map((ear) => ear.ask('join', room)));
      const refused = answers.filter(({ error }) => error);
      for (const answer of refused) assertRefused(answer, 'room-full', 409);
      assert.equal(refused.length, 4);
      const members = await (await people[0].fetch(`/room/${room}/members`)).json();
      assert.equal(members.length, 2);
    });
  });
}
