"""A member of a room: `room.py ADDRESS COOKIE ROOM TEXT...` joins, says its texts, prints what it hears as JSON lines."""

import json
import sys
import threading

import in_order

PATIENCE = 10


def main(address, cookie, room, *texts):
    client = in_order.client()
    speaking = threading.Lock()

    def note(event, value):
        with speaking:
            print(json.dumps([event, value]), flush=True)

    client.on("chat", lambda message: note("chat", message), namespace="/chat")
    client.connect(address, headers={"Cookie": cookie}, namespaces=["/chat"], wait_timeout=PATIENCE)
    note("joined", client.call("join", room, namespace="/chat", timeout=PATIENCE))
    # Speaks when all are there.
    sys.stdin.readline()
    for text in texts:
        answer = client.call("chat", {"room": room, "chat": text}, namespace="/chat", timeout=PATIENCE)
        note("said", answer)
    # Stays until it is no longer needed.
    sys.stdin.readline()
    client.disconnect()


if __name__ == "__main__":
    main(*sys.argv[1:])
