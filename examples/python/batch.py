"""A whole framework in one file, with nothing but grpcio and the code generated from tepui's protos.

Runs a small batch of shell commands on a tepui cluster, each to its end exactly once, and launches a task anew when
its agent is lost. Start it with run.sh, which generates the code first:

    examples/python/run.sh --master 127.0.0.1:6050 --tasks 6 --command 'sleep 0.2'

With --executor it brings an executor of its own (executor.py beside this file), one for each agent.
"""

import argparse
import os
import queue
import random
import sys
import time

import grpc

from mesos.v1 import mesos_pb2
from mesos.v1.scheduler import scheduler_pb2
from tepui.v1 import scheduler_service_pb2_grpc

CPUS_PER_TASK = 0.1
MEM_PER_TASK_MB = 32
RUN_AGAIN = {
    mesos_pb2.TASK_LOST,
    mesos_pb2.TASK_DROPPED,
    mesos_pb2.TASK_GONE,
    mesos_pb2.TASK_GONE_BY_OPERATOR,
    mesos_pb2.TASK_KILLED,
}
# The same SUBSCRIBE would get the same answer.
LASTING = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
}
HOPELESS = {mesos_pb2.TASK_FAILED, mesos_pb2.TASK_ERROR}


class Disconnected(Exception):
    """The connection is gone, though no RPC said why."""


class Batch:
    """What has to run, what runs, and what is done. Knows nothing of the connection."""

    def __init__(self, task_count, command, executor):
        self.task_count = task_count
        self.command = command
        self.executor = executor
        self.waiting = list(range(task_count))
        self.live = {}  # task id -> number; an id is used once
        self.launches = 0
        self.finished = 0
        self.failed = None

    def task(self, number, offer):
        task_id = f"task-{number}-{self.launches}"
        self.launches += 1
        self.live[task_id] = number
        task = mesos_pb2.TaskInfo(name=f"task {number}")
        task.task_id.value = task_id
        task.agent_id.CopyFrom(offer.agent_id)
        for name, value in (("cpus", CPUS_PER_TASK), ("mem", MEM_PER_TASK_MB)):
            resource = task.resources.add(name=name, type=mesos_pb2.Value.SCALAR)
            resource.scalar.value = value
        if self.executor is None:
            task.command.value = self.command
        else:
            # The first task on an agent starts it, the others go to it.
            task.executor.CopyFrom(self.executor)
            task.data = self.command.encode()
        return task

    def tasks_for(self, offer):
        def scalar(name):
            return sum(r.scalar.value for r in offer.resources if r.name == name)

        room = int(min(scalar("cpus") / CPUS_PER_TASK, scalar("mem") / MEM_PER_TASK_MB) + 1e-9)
        numbers, self.waiting = self.waiting[:room], self.waiting[room:]
        return [self.task(number, offer) for number in numbers]

    def update(self, status):
        number = self.live.get(status.task_id.value)
        if number is None:
            return
        state = mesos_pb2.TaskState.Name(status.state)
        print(f"{status.task_id.value}: {state} {status.message}".rstrip(), flush=True)
        if status.state == mesos_pb2.TASK_FINISHED:
            del self.live[status.task_id.value]
            self.finished += 1
        elif status.state in RUN_AGAIN:
            del self.live[status.task_id.value]
            self.waiting.append(number)
        elif status.state in HOPELESS:
            self.failed = f"{status.task_id.value} cannot succeed: {status.message}"

    @property
    def done(self):
        return self.failed is not None or self.finished == self.task_count


class Connection:
    """One subscription and the ordered stream of calls that goes with it."""

    def __init__(self, address, framework):
        self.framework = framework
        self.channel = grpc.insecure_channel(address)
        self.stub = scheduler_service_pb2_grpc.SchedulerStub(self.channel)
        subscribe = scheduler_pb2.Call(type=scheduler_pb2.Call.SUBSCRIBE)
        subscribe.subscribe.framework_info.CopyFrom(framework)
        if framework.HasField("id"):
            subscribe.framework_id.CopyFrom(framework.id)
        self.events = self.stub.Subscribe(subscribe)
        self.outgoing = queue.Queue()
        self.results = None

    def open_calls(self):
        stream_id = dict(self.events.initial_metadata())["mesos-stream-id"]
        self.results = self.stub.Calls(iter(self.outgoing.get, None), metadata=[("mesos-stream-id", stream_id)])

    def call(self, call):
        """Makes one call and waits for its result, so that a refusal is seen where it belongs."""
        call.framework_id.CopyFrom(self.framework.id)
        self.outgoing.put(call)
        result = next(self.results, None)
        if result is None:
            raise Disconnected("the master ended the stream of calls")
        if result.code != 0:
            print(f"{scheduler_pb2.Call.Type.Name(call.type)} was refused: {result.message}", file=sys.stderr)
        return result.code == 0

    def close(self):
        self.outgoing.put(None)
        self.events.cancel()
        self.channel.close()


def on_offer(connection, batch, offer):
    tasks = batch.tasks_for(offer)
    if tasks:
        print(f"launching {len(tasks)} on agent {offer.agent_id.value}", flush=True)
        call = scheduler_pb2.Call(type=scheduler_pb2.Call.ACCEPT)
        call.accept.offer_ids.append(offer.id)
        call.accept.operations.add(type=mesos_pb2.Offer.Operation.LAUNCH).launch.task_infos.extend(tasks)
    else:
        call = scheduler_pb2.Call(type=scheduler_pb2.Call.DECLINE)
        call.decline.offer_ids.append(offer.id)
        call.decline.filters.refuse_seconds = 3600
    if not connection.call(call):
        for task in tasks:
            batch.waiting.append(batch.live.pop(task.task_id.value))


def on_update(connection, batch, status):
    batch.update(status)
    if status.HasField("uuid"):  # without one there is nothing to acknowledge
        call = scheduler_pb2.Call(type=scheduler_pb2.Call.ACKNOWLEDGE)
        call.acknowledge.agent_id.CopyFrom(status.agent_id)
        call.acknowledge.task_id.CopyFrom(status.task_id)
        call.acknowledge.uuid = status.uuid
        connection.call(call)
    if batch.waiting:
        call = scheduler_pb2.Call(type=scheduler_pb2.Call.REVIVE)
        call.revive.SetInParent()
        connection.call(call)


def on_subscribed(connection, batch, subscribed):
    connection.framework.id.CopyFrom(subscribed.framework_id)
    connection.open_calls()
    print(f"subscribed as {subscribed.framework_id.value}", flush=True)
    reconcile(connection, batch)


def reconcile(connection, batch):
    """Tasks may change while nobody listens, and a launch may get lost with its connection: ask for what is live."""
    if not batch.live:
        return
    call = scheduler_pb2.Call(type=scheduler_pb2.Call.RECONCILE)
    for task_id in batch.live:
        call.reconcile.tasks.add().task_id.value = task_id
    connection.call(call)


def run_once(address, framework, batch):
    """Serves one subscription. Returns when the batch is done; raises when the connection is lost."""
    connection = Connection(address, framework)
    try:
        for event in connection.events:
            if event.type == scheduler_pb2.Event.SUBSCRIBED:
                on_subscribed(connection, batch, event.subscribed)
            elif event.type == scheduler_pb2.Event.OFFERS:
                for offer in event.offers.offers:
                    on_offer(connection, batch, offer)
            elif event.type == scheduler_pb2.Event.UPDATE:
                on_update(connection, batch, event.update.status)
            elif event.type == scheduler_pb2.Event.HEARTBEAT:
                reconcile(connection, batch)
            elif event.type == scheduler_pb2.Event.ERROR:
                sys.exit(f"the master refuses this framework: {event.error.message}")
            if batch.done:
                connection.call(scheduler_pb2.Call(type=scheduler_pb2.Call.TEARDOWN))
                return
        raise Disconnected("the master ended the event stream")
    finally:
        connection.close()


def own_executor():
    """executor.py beside this file, with the Python and the generated code that this program has."""
    executor = mesos_pb2.ExecutorInfo()
    executor.executor_id.value = "batch"
    executor.command.shell = False
    executor.command.value = sys.executable
    executor.command.arguments.extend([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "executor.py")])
    executor.command.environment.variables.add(name="PYTHONPATH", value=os.environ.get("PYTHONPATH", ""))
    return executor


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--master", default="127.0.0.1:6050", help="a master as host:port")
    parser.add_argument("--tasks", type=int, default=6)
    parser.add_argument("--command", default="sleep 0.2")
    parser.add_argument("--executor", action="store_true", help="run the commands in an executor of this framework")
    flags = parser.parse_args()
    if flags.tasks < 1:
        parser.error(f"--tasks must be at least 1, is {flags.tasks}")

    framework = mesos_pb2.FrameworkInfo(user="root", name="batch-python", failover_timeout=60, checkpoint=True)
    batch = Batch(flags.tasks, flags.command, own_executor() if flags.executor else None)
    address, attempt = flags.master, 0
    while True:
        try:
            run_once(address, framework, batch)
        except Disconnected as error:
            address, reason = flags.master, str(error)
        except grpc.RpcError as error:
            if error.code() in LASTING:
                sys.exit(f"the master refuses this framework: {error.code().name}: {error.details()}")
            # A master that does not lead names the one that does.
            address = dict(error.trailing_metadata() or ()).get("tepui-leader", flags.master)
            reason = f"{error.code().name}: {error.details()}"
        else:
            break
        if batch.done:
            break
        attempt += 1
        wait = random.uniform(0.05, min(5, 0.1 * 2 ** min(attempt, 10)))
        print(f"disconnected ({reason}), next attempt in {wait:.1f} s", flush=True)
        time.sleep(wait)
    if batch.failed:
        sys.exit(batch.failed)
    print(f"all {flags.tasks} tasks finished")


if __name__ == "__main__":
    main()
