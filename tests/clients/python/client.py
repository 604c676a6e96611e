"""What python-socketio can do, against the echo server: `client.py ADDRESS TRANSPORT...`; status 0 when all came back."""

import queue
import sys

import in_order
import socketio

PATIENCE = 10
ARGS = [1, "zwei", "셋 ㅋㅋ 👋", {"4": [True, None, -0.5]}, [], {}, ""]
BYTES = bytes([0, 1, 4, 30, 127, 128, 254, 255])
WITH_BYTES = ["앞", BYTES, {"deep": [{"bytes": b""}, "text"]}, 7]
MESSAGES = 200
AT_ONCE = 10


class Ear:
    """A namespace, with a memory of what it heard."""

    def __init__(self, client, namespace):
        self.client = client
        self.namespace = namespace
        self.heard = {}
        for event in ("connect", "connect_error", "disconnect", "auth", "message-back"):
            client.on(event, self.noting(event), namespace=namespace)
        client.on("emit-with-ack", self.answering, namespace=namespace)

    def noting(self, event):
        self.heard[event] = queue.Queue()
        return lambda *args: self.heard[event].put(list(args))

    def answering(self, *args):
        self.heard.setdefault("emit-with-ack", queue.Queue()).put(list(args))
        return args

    def hears(self, event):
        return self.heard.setdefault(event, queue.Queue()).get(timeout=PATIENCE)

    def emit(self, event, args=(), callback=None):
        self.client.emit(event, tuple(args), namespace=self.namespace, callback=callback)

    def ask(self, event, args):
        answer = queue.Queue()
        self.emit(event, args, lambda *answered: answer.put(list(answered)))
        return answer.get(timeout=PATIENCE)


def same(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: {str(found)[:300]} instead of {str(wanted)[:300]}")


def talk(address, transports):
    client = in_order.client()
    both = [Ear(client, "/"), Ear(client, "/custom")]
    auth = {"token": '열쇠 "1"'}
    client.connect(address, auth=auth, transports=transports, namespaces=["/", "/custom"], wait_timeout=PATIENCE)
    same(client.transport(), transports[-1], "the transport")
    for ear in both:
        same(ear.hears("auth"), [auth], f"auth in {ear.namespace}")
    for ear in both:
        for args in (ARGS, WITH_BYTES, [BYTES]):
            ear.emit("message", args)
            same(ear.hears("message-back"), args, f"a message in {ear.namespace}")
            same(ear.ask("message-with-ack", args), args, f"an ack in {ear.namespace}")
            ear.emit("emit-with-ack", args)
            same(ear.hears("emit-with-ack"), args, "what the server asked")
            same(ear.hears("emit-with-ack"), args, "what the server was answered")
    first, second = both
    # Over polling this client takes at most 16 packets of one answer (python-engineio's `max_decode_packets`).
    for number in range(MESSAGES + AT_ONCE):
        if number < MESSAGES:
            first.emit("message", [number, BYTES] if number % 7 == 0 else [number])
        if number >= AT_ONCE:
            same(first.hears("message-back")[0], number - AT_ONCE, "the order")
    large = "x" * 300_000
    same(second.ask("message-with-ack", [large]) == [large], True, "a large message")
    client.disconnect()
    same(first.hears("disconnect"), [client.reason.CLIENT_DISCONNECT], "the reason of the end")


def be_refused(address, transports):
    client = in_order.client()
    lost = Ear(client, "/random")
    try:
        client.connect(address, transports=transports, namespaces=["/random"], wait_timeout=PATIENCE)
    except socketio.exceptions.ConnectionError:
        same(lost.hears("connect_error"), [{"message": "Invalid namespace"}], "the refusal")
    else:
        raise SystemExit("a namespace that does not exist let it in")


if __name__ == "__main__":
    talk(sys.argv[1], sys.argv[2:])
    be_refused(sys.argv[1], sys.argv[2:])
