"""python-socketio hands every packet to a thread of its own; whoever wants to see their order must take them in turn."""

import socketio


def client():
    made = socketio.Client(reconnection=False)
    trigger = made.eio._trigger_event
    made.eio._trigger_event = lambda *args, **options: trigger(*args, **{**options, "run_async": False})
    return made
