"""Runs a Python script many times, and imports its packages only once.

    fork_server.py serve SOCKET SCRIPT MODULE...
    fork_server.py run SOCKET ARGUMENT...

The first form imports the modules and listens until its stdin ends. The second form runs the script in a process that is
forked from the first: with the arguments, environment, working folder and streams of the second, which ends with its exit code.
"""

import importlib
import json
import os
import select
import signal
import socket
import sys


def run(path, arguments):
    """Has the script run, and returns its exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [b"\n"], [0, 1, 2])
        server.sendall(json.dumps([arguments, dict(os.environ), os.getcwd()]).encode() + b"\n")
        code = int(server.makefile().readline())
    return code if code >= 0 else 128 - code


def serve(path, script, modules):
    """Imports the modules and forks for each connection. In the process of a script, returns its exit code."""
    for module in modules:
        importlib.import_module(module)
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec")
    # The system removes processes that have ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(100)
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return answer(connection, code, script)
            connection.close()
    return 0


def answer(connection, code, script):
    """Runs the script for one connection, and sends its exit code. A client that ends takes the script with it."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    arguments, environment, folder = json.loads(connection.makefile().readline())
    process = os.fork()
    if process == 0:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        connection.close()
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = [script, *arguments]
        return execute(code, script)
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(process)
    if ended not in select.select([connection, ended], [], [])[0]:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    return 0


def execute(code, script):
    """Runs the script as Python does: an exception is printed with the script's own frames."""
    try:
        exec(code, {"__name__": "__main__", "__file__": script})
    except Exception as error:
        own = error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(own), own)
        return 1
    return 0


if __name__ == "__main__":
    role, path, *rest = sys.argv[1:]
    sys.exit(run(path, rest) if role == "run" else serve(path, rest[0], rest[1:]))
