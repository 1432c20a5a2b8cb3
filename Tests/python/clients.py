"""What the scripts for other tools' clients share; needs nothing but Python."""
import json
import sys
import urllib.request


def read_ready():
    """The emulator's ready line, from standard input."""
    return json.loads(sys.stdin.readline())


def check(what, condition, detail=""):
    if not condition:
        print(f"FAIL {what}: {detail}")
        sys.exit(1)
    print(f"ok   {what}")


def control(ready, path, body=None):
    """Asks a control route of the emulator; posts when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ready['control_url']}/{path}", data=data)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None
