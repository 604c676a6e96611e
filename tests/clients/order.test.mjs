// Nothing that was acknowledged is ever lost, and everybody sees the same order.
import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import { Server } from './support.mjs';

const PEOPLE = 20;
const EACH = 500;
const ALL = PEOPLE * EACH;

let server;
before(async () => {
  server = await Server.open({ GIFCHAT_EMPTY_GRACE: '60s' });
});
after(() => server.close());

/** All messages of the room, from the newest page backwards. */
async function history(person, room) {
  let messages = [];
  for (;;) {
    const before = messages.length ? `&before=${messages[0].seq}` : '';
    const answer = await person.fetch(`/room/${room}/messages?limit=100${before}`);
    assert.equal(answer.status, 200);
    const page = await answer.json();
    if (page.length === 0) return messages;
    messages = [...page, ...messages];
  }
}

test('10,000 messages of 20 people at once are complete, in order, the same for all, and survive kill -9', async () => {
  const people = await Promise.all(Array.from({ length: PEOPLE }, () => server.person()));
  const room = await people[0].makeRoom({ max: String(PEOPLE) });
  const ears = [];
  for (const person of people) {
    await person.visit(room);
    const ear = await (await person.connect(['websocket'])).enter('/chat');
    assert.equal((await ear.ask('join', room)).error, undefined);
    ears.push(ear);
  }

  // A client that is cut off would wait for its acks for ever.
  const cutOff = ears.map((ear) => lost(ear.socket));
  const acked = await Promise.all(
    ears.flatMap((ear, who) =>
      Array.from({ length: EACH }, (_, number) => {
        const message = { room, chat: `${who}번의 ${number}`, clientMessageId: `${who}-${number}` };
        return Promise.race([ear.socket.emitWithAck('chat', message), cutOff[who]]);
      }),
    ),
  );
  assert.ok(acked.every((message) => message.seq), JSON.stringify(acked.find((message) => !message.seq)));
  const bySeq = acked.toSorted((one, other) => one.seq - other.seq);
  assert.deepEqual(bySeq.map(({ seq }) => seq), Array.from({ length: ALL }, (_, index) => bySeq[0].seq + index));

  for (const [who, ear] of ears.entries()) {
    const heard = await ear.until(() => (ear.all('chat').length >= ALL ? ear.all('chat') : undefined), `all at ${who}`);
    assert.deepEqual(heard, bySeq, `member ${who} heard another story`);
  }
  // What one person said is in the order in which they said it.
  for (const who of people.keys()) {
    const own = bySeq.filter(({ clientMessageId }) => clientMessageId.startsWith(`${who}-`));
    assert.deepEqual(own.map(({ clientMessageId }) => Number(clientMessageId.split('-')[1])), [...Array(EACH).keys()]);
  }

  await server.kill();
  await server.start();
  const all = await history(people[3], room);
  assert.deepEqual(all.map(({ seq }) => seq), Array.from(all, (_, index) => index + 1));
  assert.deepEqual(all.slice(0, PEOPLE).map(({ kind, member }) => [kind, member.id]), people.map(({ member }) => ['join', member]));
  assert.deepEqual(all.slice(PEOPLE), bySeq);

  const { cookie } = people[7];
  const ear = await (await people[7].connect(['websocket'])).enter('/chat');
  const last = bySeq.at(-3).seq;
  const back = await ear.ask('join', { room, since: last });
  // A server that was killed remembers nobody as present: who is back has come.
  const came = back.messages.at(-1);
  assert.deepEqual([back.recovered, back.messages], [true, [...bySeq.slice(-2), came]]);
  assert.deepEqual([came.kind, came.member.id, came.seq], ['join', people[7].member, bySeq.at(-1).seq + 1]);
  assert.deepEqual([back.me.id, back.me.color], [people[7].member, people[7].color]);
  assert.equal(people[7].cookie, cookie);
  assert.deepEqual(back.me.name, bySeq.find(({ member }) => member === people[7].member).name);
  const next = await ear.ask('chat', { room, chat: '다시 열었습니다' });
  assert.equal(next.seq, came.seq + 1);
});

/** Fails when the socket is disconnected while it is needed. */
function lost(socket) {
  const lost = new Promise((_, reject) => {
    socket.once('disconnect', (reason) => reject(new Error(`disconnected: ${reason}`)));
  });
  // Later, when the server is killed, it is to be expected.
  lost.catch(() => {});
  return lost;
}
