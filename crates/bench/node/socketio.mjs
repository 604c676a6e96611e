// Node's socket.io: the events of the example `fanout` of crates/realtime. `node socketio.mjs --listen host:port`
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listen } from "./listen.mjs";

const http = createServer();
const chat = new Server(http, { serveClient: false }).of("/chat");
chat.on("connection", (socket) => {
  socket.on("joinroom", (room, ack) => {
    socket.join(room);
    ack?.(true);
  });
  socket.on("chat", ({ room, chat: text }) => {
    chat.to(room).emit("chat", {
      _id: "0123456789abcdef01234567",
      room,
      user: "#a1b2c3",
      chat: text,
      createdAt: "2026-01-01T00:00:00.000Z",
    });
  });
});
listen(http);
