// Plain ws with as little of Engine.IO and Socket.IO as the raw servers have. `node ws.mjs --listen host:port`
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listen } from "./listen.mjs";

const http = createServer();
const server = new WebSocketServer({ server: http });
const rooms = new Map();
const event = /^42\/chat,(\d*)(\[.*)$/s;
let last = 0;

server.on("connection", (socket) => {
  const sid = String(++last);
  let members;
  socket.send(`0{"sid":"${sid}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`);
  socket.on("message", (data) => {
    const packet = data.toString();
    if (packet.startsWith("40/chat")) {
      socket.send(`40/chat,{"sid":"${sid}"}`);
      return;
    }
    const [, ack, json] = event.exec(packet) ?? [];
    if (!json) return;
    const [name, value] = JSON.parse(json);
    if (name === "joinroom") {
      members?.delete(socket);
      members = rooms.get(value) ?? new Set();
      rooms.set(value, members.add(socket));
      if (ack) socket.send(`43/chat,${ack}[true]`);
    } else if (name === "chat") {
      const chat = {
        _id: "0123456789abcdef01234567",
        room: value.room,
        user: "#a1b2c3",
        chat: value.chat,
        createdAt: "2026-01-01T00:00:00.000Z",
      };
      // Encoded once; ws adds the header for each receiver.
      const frame = Buffer.from(`42/chat,${JSON.stringify(["chat", chat])}`);
      for (const member of rooms.get(value.room) ?? []) member.send(frame, { binary: false });
    }
  });
  socket.on("close", () => members?.delete(socket));
  // A connection that is reset also closes.
  socket.on("error", () => {});
});
listen(http);
