#!/usr/bin/env python3
"""Runs the lab's processes and outlives nobody.

Started by the test binary as `supervise.py RUN_DIR`, which then writes one JSON object per line to its stdin:

    {"start": {"name": "etcd", "argv": [...], "env": {...}}}    start a process; stdin is /dev/null, output goes to RUN_DIR/logs/NAME.log
    {"note": "begin"}                                           a test, or the start of the lab, is under way
    {"note": "ok"}                                              ... and went well
    {"note": "keep"}                                            something failed: keep the run directory

It answers through files: RUN_DIR/NAME.pid when a process runs, RUN_DIR/NAME.exit (its status) when it ended by itself.

It stops at the end of stdin, because that is the one signal that also comes when the test binary panics, is interrupted or
is killed with SIGKILL. Then everything stops in reverse order of starting (an API server whose etcd went
first hangs for minutes), and the run directory is removed unless something failed or was still under way.
"""

import ctypes
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys

STOP_SECONDS = 5.0
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent):
    """Returns what a child runs before exec: the kernel kills it when this supervisor dies, however it dies."""

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the supervisor died before the line above took effect
            os._exit(1)

    return prepare


class Run:
    def __init__(self, directory):
        self.directory = directory
        self.logs = os.path.join(directory, "logs")
        os.makedirs(self.logs, exist_ok=True)
        self.processes = []  # (name, Popen), in order of starting
        self.reported = set()
        self.under_way = 0
        self.keep = False

    def obey(self, line):
        message = json.loads(line)
        if "start" in message:
            self.start(**message["start"])
        elif message["note"] == "begin":
            self.under_way += 1
        elif message["note"] == "ok":
            self.under_way -= 1
        else:
            self.keep = True

    def start(self, name, argv, env):
        with open(os.path.join(self.logs, name + ".log"), "ab") as log:
            try:
                process = subprocess.Popen(
                    argv,
                    env={**os.environ, **env},
                    cwd=self.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C at the terminal must not stop etcd before the API server
                    preexec_fn=die_with(os.getpid()),
                )
            except (OSError, subprocess.SubprocessError) as error:
                log.write(f"{argv[0]} could not be started: {error}\n".encode())
                self.report(name, "exit", "not started")
                return
        self.processes.append((name, process))
        self.report(name, "pid", process.pid)

    def report(self, name, kind, value):
        path = os.path.join(self.directory, f"{name}.{kind}")
        with open(path + ".part", "w", encoding="utf-8") as file:
            file.write(str(value))
        os.rename(path + ".part", path)

    def report_exits(self):
        for name, process in self.processes:
            if process.poll() is not None and name not in self.reported:
                self.reported.add(name)
                self.report(name, "exit", process.returncode)

    def stop(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
        for _, process in reversed(self.processes):
            for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, None)):
                if process.poll() is not None:
                    break
                os.killpg(process.pid, number)
                try:
                    process.wait(timeout=seconds)
                except subprocess.TimeoutExpired:
                    continue
        if self.keep or self.under_way > 0:
            print(f"lab: logs kept in {self.logs}", file=sys.stderr, flush=True)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def main():
    run = Run(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # somebody stops us by hand: stop in order, too
    # A child's end must wake the loop: SIGCHLD writes into this pipe.
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    unread = b""
    try:
        while True:
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if key.fd == woken:
                    continue
                if not data:
                    return
                *lines, unread = (unread + data).split(b"\n")
                for line in lines:
                    run.obey(line)
            run.report_exits()
    finally:
        run.stop()


if __name__ == "__main__":
    main()
