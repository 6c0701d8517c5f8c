"""A custom executor in one file, with nothing but grpcio and the code generated from tepui's protos.

Runs the data of each task as a shell command, any number of them at a time. `run.sh --executor` brings it along; it is
not started by hand. It outlives its agent: while that is away, tasks go on, and what they come to is told when it is back.
"""

import os
import queue
import random
import re
import signal
import subprocess
import sys
import threading
import time
import uuid

import grpc

from mesos.v1 import mesos_pb2
from mesos.v1.executor import executor_pb2
from tepui.v1 import executor_service_pb2_grpc

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "secs": 1, "mins": 60, "hrs": 3600, "days": 86400, "weeks": 604800}


def seconds(name, default):
    """A length of time as agents write it, such as 15mins."""
    match = re.fullmatch(r"([\d.]+)([a-z]+)", os.environ.get(name, ""))
    return float(match[1]) * UNITS[match[2]] if match else default


class Executor:
    """What runs, and what the agent has not acknowledged. The lock guards all of it."""

    def __init__(self):
        self.lock = threading.RLock()
        self.running = {}  # task id -> process
        self.killed = set()
        self.updates = {}  # uuid -> status, oldest first
        self.tasks = {}  # tasks of which no update was acknowledged
        self.outgoing = None  # the calls of the current subscription

    def call(self, kind):
        call = executor_pb2.Call(type=kind)
        call.framework_id.value = os.environ["MESOS_FRAMEWORK_ID"]
        call.executor_id.value = os.environ["MESOS_EXECUTOR_ID"]
        return call

    def subscribe(self):
        with self.lock:
            call = self.call(executor_pb2.Call.SUBSCRIBE)
            call.subscribe.SetInParent()
            call.subscribe.unacknowledged_tasks.extend(self.tasks.values())
            for status in self.updates.values():
                call.subscribe.unacknowledged_updates.add().status.CopyFrom(status)
            return call, set(self.updates)

    def subscribed(self, outgoing, listed):
        """What was said since SUBSCRIBE was written goes now."""
        with self.lock:
            self.outgoing = outgoing
            for key, status in self.updates.items():
                if key not in listed:
                    self.send(status)

    def update(self, task_id, state, message=""):
        status = mesos_pb2.TaskStatus(
            state=state, message=message, source=mesos_pb2.TaskStatus.SOURCE_EXECUTOR, uuid=uuid.uuid4().bytes, timestamp=time.time()
        )
        status.task_id.value = task_id
        with self.lock:
            self.updates[status.uuid] = status
            self.send(status)

    def send(self, status):
        if self.outgoing is not None:
            call = self.call(executor_pb2.Call.UPDATE)
            call.update.status.CopyFrom(status)
            self.outgoing.put(call)

    def acknowledged(self, event):
        with self.lock:
            self.updates.pop(event.uuid, None)
            self.tasks.pop(event.task_id.value, None)

    def launch(self, task):
        task_id = task.task_id.value
        with self.lock:
            self.tasks[task_id] = task
            # A process group of its own, so that a kill reaches all of it.
            process = subprocess.Popen(["/bin/sh", "-c", task.data.decode()], start_new_session=True)
            self.running[task_id] = process
        self.update(task_id, mesos_pb2.TASK_RUNNING)
        threading.Thread(target=self.wait, args=(task_id, process), daemon=True).start()

    def wait(self, task_id, process):
        code = process.wait()
        with self.lock:
            del self.running[task_id]
            if task_id in self.killed:
                state = mesos_pb2.TASK_KILLED
            else:
                state = mesos_pb2.TASK_FINISHED if code == 0 else mesos_pb2.TASK_FAILED
        self.update(task_id, state, f"exited with status {code}")

    def kill(self, task_id, grace):
        with self.lock:
            process = self.running.get(task_id)
            if process is None:
                return
            self.killed.add(task_id)
        kill_group(process, signal.SIGTERM)
        timer = threading.Timer(grace, kill_group, (process, signal.SIGKILL))
        timer.daemon = True
        timer.start()


def kill_group(process, number):
    if process.poll() is None:
        os.killpg(process.pid, number)


def shut_down(executor):
    """Ends all tasks, and waits until the agent has their ends, or the grace is nearly over."""
    for task_id in list(executor.running):
        executor.kill(task_id, 0)
    until = time.monotonic() + 0.8 * seconds("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5)
    while (executor.running or executor.updates) and time.monotonic() < until:
        time.sleep(0.01)
    os._exit(0)


def serve(stub, executor):
    """One subscription, until it ends."""
    call, listed = executor.subscribe()
    events = stub.Subscribe(call)
    outgoing = queue.Queue()
    try:
        for event in events:
            if event.type == executor_pb2.Event.SUBSCRIBED:
                metadata = [("mesos-stream-id", dict(events.initial_metadata())["mesos-stream-id"])]
                results = stub.Calls(iter(outgoing.get, None), metadata=metadata)
                threading.Thread(target=report, args=(results,), daemon=True).start()
                executor.subscribed(outgoing, listed)
            elif event.type == executor_pb2.Event.LAUNCH:
                executor.launch(event.launch.task)
            elif event.type == executor_pb2.Event.KILL:
                policy = event.kill.kill_policy
                grace = policy.grace_period.nanoseconds / 1e9 if policy.HasField("grace_period") else 3
                executor.kill(event.kill.task_id.value, grace)
            elif event.type == executor_pb2.Event.ACKNOWLEDGED:
                executor.acknowledged(event.acknowledged)
            elif event.type == executor_pb2.Event.SHUTDOWN:
                threading.Thread(target=shut_down, args=(executor,), daemon=True).start()
            elif event.type == executor_pb2.Event.ERROR:
                sys.exit(f"the agent refuses this executor: {event.error.message}")
    finally:
        with executor.lock:
            executor.outgoing = None
        outgoing.put(None)


def report(results):
    """Says what the agent refused. What is lost with the connection goes with the next subscription."""
    try:
        for result in results:
            if result.code != 0:
                print(f"call {result.index} was refused: {result.message}", file=sys.stderr, flush=True)
    except grpc.RpcError:
        pass


def main():
    executor = Executor()
    backoff = seconds("MESOS_SUBSCRIPTION_BACKOFF_MAX", 2) / 2
    patience = seconds("MESOS_RECOVERY_TIMEOUT", 900)
    lost_at = time.monotonic()
    while time.monotonic() - lost_at < patience:
        # A channel of its own for each subscription: one that lost its agent waits before it tries again.
        with grpc.insecure_channel(os.environ["MESOS_AGENT_ENDPOINT"]) as channel:
            started_at = time.monotonic()
            try:
                serve(executor_service_pb2_grpc.ExecutorStub(channel), executor)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.INVALID_ARGUMENT:
                    sys.exit(f"the agent refuses this executor: {error.details()}")
        if time.monotonic() - started_at > 1:
            lost_at = time.monotonic()
        if os.environ.get("MESOS_CHECKPOINT") != "1":
            break
        time.sleep(random.uniform(0.05, max(0.05, backoff)))
    for process in list(executor.running.values()):
        kill_group(process, signal.SIGKILL)
    sys.exit("the agent was away for too long")


if __name__ == "__main__":
    main()
