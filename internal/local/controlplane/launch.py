"""Runs ministack so that a kill loses seconds of its state, not all of it.

ministack saves its state when it is stopped. Here a copy of the process (a
fork) saves it while ministack goes on serving: every second or so while
something changes, all services as of one moment, each snapshot whole or absent.
At the start, executions that were running go on with the state that they were
in, and messages that a function of the last process held are given out again.

Usage: launch.py SNAPSHOT_FOLDER. Exits with UNSAVED when the state could not be
saved at the stop.
"""

import asyncio
import contextvars
import copy
import ctypes
import fcntl
import gc
import hashlib
import json
import logging
import os
import signal
import sys
import threading
import time

from ministack import app as ministack
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, set_request_account_id, set_request_region
from ministack.services import lambda_svc, sqs, stepfunctions

log = logging.getLogger("snapshot")

UNSAVED, DAMAGED = 3, 4  # exit codes
INTERVAL = 1.0  # seconds between two snapshots
SHARE = 2  # a snapshot's processor time so many times is its pause
SETTLE = 3.0  # seconds after a change in which what it brings about may change more
RETRY = 5.0  # seconds after a snapshot that failed
LONGEST = 120  # seconds that one may take
OLD_PROCESS = 30.0  # seconds that the last process has to end

# What functions print, and the metrics of it, grows for ever and is nobody's
# state: saved at the stop, and this often in between.
SELDOM = {"cloudwatch_logs", "cloudwatch"}
SELDOM_INTERVAL = 60.0  # seconds

# Services that keep files of their own beside their state.
WITH_FILES = {"lambda", "s3", "cloudformation"}

READ_ONLY = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Test", "Head")


def write_durably(path, data):
    with open(path, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def sync_folder(path):
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Snapshots:
    """A folder with the last whole snapshot: a file for each service, and the
    manifest that names them. A snapshot is there once its manifest is."""

    def __init__(self, folder):
        self.folder = folder
        self.manifest_path = os.path.join(folder, "manifest.json")

    def manifest(self):
        try:
            with open(self.manifest_path) as f:
                return json.load(f)
        except FileNotFoundError:
            return {"number": 0, "services": {}}

    def load(self, service):
        """What ministack's own load_state returns. A home without a snapshot
        has what an older vodstack saved."""
        manifest = self.manifest()
        if manifest["number"] == 0:
            return persistence.load_state(service)
        if service not in manifest["services"]:
            return None
        path = os.path.join(self.folder, manifest["services"][service]["file"])
        try:
            with open(path) as f:
                data = json.load(f, object_hook=persistence._json_object_hook)
            if data["__ministack_format__"] > persistence._state_format_version(service):
                raise ValueError("it was saved by a newer control plane")
        except (OSError, ValueError, KeyError) as error:
            # Without it, its service would begin empty, and the next snapshot
            # would make that final. The server takes an exception for nothing.
            print(f"{path} cannot be read: {error}", file=sys.stderr, flush=True)
            os._exit(DAMAGED)
        return data["payload"]

    def write(self, sources, begun, final):
        """Writes a snapshot of the services, or leaves the last one."""
        last = self.manifest()
        number, services = last["number"] + 1, dict(last["services"])
        changed = set()
        try:
            for name, get_state in sources.items():
                known = services.get(name, {"digest": None, "at": 0})
                if not final and name in SELDOM and time.time() < known["at"] + SELDOM_INTERVAL:
                    continue
                try:
                    state = get_state()
                    if state is None:
                        continue
                    data = json.dumps({
                        "__ministack_format__": persistence._state_format_version(name), "payload": state,
                    }, default=persistence._json_default).encode()
                except OSError:
                    raise
                except Exception:
                    log.exception("the state of %s cannot be taken; its last one stays", name)
                    continue
                digest = hashlib.sha256(data).hexdigest()
                if digest == known["digest"]:
                    continue
                file = f"{number}-{name}.json"
                write_durably(os.path.join(self.folder, file), data)
                services[name] = {"file": file, "digest": digest, "at": time.time()}
                changed.add(name)
            if changed & WITH_FILES:
                os.sync()
            sync_folder(self.folder)
            write_durably(self.manifest_path + ".new", json.dumps(
                {"number": number, "begun": begun, "services": services}).encode())
            os.replace(self.manifest_path + ".new", self.manifest_path)
            sync_folder(self.folder)
        except OSError:
            self.clean(last["services"])
            raise
        self.clean(services)

    def clean(self, services):
        """Removes the files that no manifest names."""
        named = {s["file"] for s in services.values()} | {"manifest.json", "lock"}
        for name in os.listdir(self.folder):
            if name not in named:
                os.remove(os.path.join(self.folder, name))


class Saver:
    """Takes snapshots of the running process, one at a time."""

    def __init__(self, snapshots):
        self.snapshots = snapshots
        self.changed_at = time.monotonic()
        self.child = 0
        self.failing = False
        self.unsaved = False

    def mark(self):
        self.changed_at = time.monotonic()

    def fork(self, final=False):
        """Copies the process as it is now; the copy writes the snapshot."""
        begun, sources = time.time_ns(), ministack._build_persistence_save_dict()
        parent = os.getpid()
        child = os.fork()
        if child:
            self.child = child
            return child
        code = 1
        try:
            # Without the connections of its parent, which else stay open, and
            # never longer than its parent.
            os.closerange(3, 1 << 20)
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(LONGEST)
            gc.disable()
            # get_state copies all of the state against changes. Nothing
            # changes here, and the copies are most of a snapshot's work.
            copy.deepcopy = lambda state, memo=None: state
            if os.getppid() == parent:
                self.write(sources, begun, final)
                code = 0
        except BaseException as error:
            print(f"the control plane's state cannot be saved: {error!r}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)

    def write(self, sources, begun, final):
        # A function's code is only removed once no snapshot names it.
        prune, kept = lambda_svc._prune_orphan_code_blobs, []
        lambda_svc._prune_orphan_code_blobs = kept.append
        self.snapshots.write(sources, begun, final)
        for referenced in kept:
            prune(referenced)

    async def run(self):
        saved = -SETTLE
        while True:
            await asyncio.sleep(INTERVAL)
            if self.changed_at + SETTLE <= saved:
                continue
            start = time.monotonic()
            child = self.fork()
            forked = time.monotonic() - start
            ok, work = await asyncio.to_thread(ended_well, child)
            log.debug("snapshot took %.3f s, %.3f s of processor time, %.4f s in the server",
                      time.monotonic() - start, work, forked)
            if ok:
                saved = start
            elif not self.failing:
                log.error("the state is not being saved; the last snapshot stays")
            self.failing = not ok
            await asyncio.sleep(work * SHARE if ok else RETRY)

    def stop(self, _sources):
        """The last snapshot, at a clean stop."""
        if self.child:
            try:
                os.kill(self.child, signal.SIGKILL)
                os.waitpid(self.child, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        ok, _ = ended_well(self.fork(final=True))
        self.unsaved = not ok


def ended_well(child):
    """Waits; tells also how much processor time the child has taken."""
    try:
        _, status, usage = os.wait4(child, 0)
        return os.waitstatus_to_exitcode(status) == 0, usage.ru_utime + usage.ru_stime
    except ChildProcessError:
        return False, 0.0


# Executions. ministack fails those that it finds running at its start; these go
# on as on AWS, where no restart is seen: with the state that they were in,
# which is entered again.

resumed_at = contextvars.ContextVar("resumed_at", default=None)


class StateMachines(AccountRegionScopedDict):
    """The state machines, and for a thread that resumes an execution the
    execution's own, once, which begins where the execution was."""

    def get(self, key, default=None):
        machine, at = super().get(key, default), resumed_at.get()
        if machine is None or at is None:
            return machine
        resumed_at.set(None)
        definition = json.loads(machine["definition"])
        name = "ResumedAfterRestart"
        definition["States"][name] = {"Type": "Pass", "QueryLanguage": "JSONPath", "Result": at["input"], "Next": at["name"]}
        definition["StartAt"] = name
        return {**machine, "definition": json.dumps(definition)}


interrupted = []  # keys of executions


def restore_executions(restore):
    def wrapped(data):
        running = [key for key, execution in (data or {}).get("executions", AccountRegionScopedDict()).all_items()
                   if execution.get("status") == "RUNNING" and not execution.get("sync")]
        restore(data)
        for key in running:
            execution = stepfunctions._executions._data[key]
            execution.update(status="RUNNING", stopDate=None)
            execution.pop("error", None)
            execution.pop("cause", None)
            interrupted.append(key)
    return wrapped


def resume_executions():
    while interrupted:
        account, region, arn = interrupted.pop(0)
        context = contextvars.copy_context()
        context.run(set_request_account_id, account)
        context.run(set_request_region, region)
        context.run(resumed_at.set, last_state(account, region, arn))
        threading.Thread(target=context.run, args=(stepfunctions._run_execution, arn), daemon=True).start()
        log.info("execution goes on after a restart: %s", arn)


def last_state(account, region, arn):
    """The state of the machine itself that was entered last, None before the
    first."""
    execution = stepfunctions._executions.get_scoped(account, region, arn)
    machine = stepfunctions._state_machines.get_scoped(account, region, execution["stateMachineArn"])
    states = json.loads(machine["definition"]).get("States", {}) if machine else {}
    for event in reversed(execution["events"]):
        entered = event.get("stateEnteredEventDetails")
        if entered and entered["name"] in states:
            return {"name": entered["name"], "input": json.loads(entered["input"])}
    return None


def release_messages():
    """Gives out again what functions of the last process held: none of them
    will delete it."""
    now = time.time()
    fed = {esm.get("EventSourceArn") for esm in lambda_svc._esms.all_values()}
    for queue in sqs._queues.all_values():
        if queue["attributes"].get("QueueArn") not in fed:
            continue
        for message in queue["messages"]:
            if message.get("receive_count", 0) > 0:
                message["visible_at"] = min(message["visible_at"], now)


def release_stacks():
    """Ends what nobody carries on: the CDK deletes a stack that failed to be
    made, and updates one that was rolled back."""
    from ministack.services import cloudformation

    for store, key in cloudformation._PERSISTED_STORES:
        if key != "stacks":
            continue
        for stack in store().all_values():
            status = stack.get("StackStatus", "")
            if status in ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
                stack["StackStatus"] = "ROLLBACK_COMPLETE"
            elif status == "DELETE_IN_PROGRESS":
                stack["StackStatus"] = "DELETE_FAILED"
            elif status.startswith("UPDATE_") and status.endswith("_IN_PROGRESS"):
                stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE"


def changes(scope):
    """Whether a request may change what is to be saved."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    for name, value in scope.get("headers", ()):
        if name.lower() == b"x-amz-target":
            return not value.decode("latin-1").rpartition(".")[2].startswith(READ_ONLY)
    return True


def serve(saver):
    inner = ministack.app

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await inner(scope, receive, on_start(send))
            return
        changing = scope["type"] == "http" and changes(scope)
        if changing:
            saver.mark()
        try:
            await inner(scope, receive, send)
        finally:
            if changing:
                saver.mark()

    def on_start(send):
        async def wrapped(message):
            if message["type"] == "lifespan.startup.complete":
                release_messages()
                release_stacks()
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGUSR1, resume_executions)
                saver.task = loop.create_task(saver.run())
            await send(message)
        return wrapped

    return app


def take(folder):
    """Waits for the last process of this folder to end, since it may still be
    saving; the system lets go of the lock however that ends."""
    lock = open(os.path.join(folder, "lock"), "w")
    deadline = time.monotonic() + OLD_PROCESS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except OSError:
            if time.monotonic() > deadline:
                sys.exit("another control plane still runs on this state")
            time.sleep(0.05)


def main():
    folder = sys.argv.pop(1)
    os.makedirs(folder, exist_ok=True)
    lock = take(folder)
    snapshots = Snapshots(folder)
    saver = Saver(snapshots)

    stepfunctions._state_machines = StateMachines()
    stepfunctions._restore_state = restore_executions(stepfunctions._restore_state)
    add_event = stepfunctions._add_event

    def marking(*args, **kwargs):
        saver.mark()
        return add_event(*args, **kwargs)

    stepfunctions._add_event = marking
    ministack.load_state = snapshots.load
    ministack.save_all = saver.stop
    ministack.app = serve(saver)
    ministack.main()
    lock.close()
    if saver.unsaved:
        sys.exit(UNSAVED)


if __name__ == "__main__":
    main()
