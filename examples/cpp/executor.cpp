// A custom executor in one file, with nothing but gRPC for C++ and the code generated from tepui's protos.
//
// Runs the data of each task as a shell command, any number of them at a time. `run.sh --executor` brings it along; it is
// not started by hand. It outlives its agent: while that is away, tasks go on, and what they come to is told when it is back.

#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "mesos/v1/executor/executor.pb.h"
#include "tepui/v1/executor_service.grpc.pb.h"

using mesos::v1::executor::Call;
using mesos::v1::executor::Event;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds killGraceDefault{3};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A length of time as agents write it, such as 15mins.
Seconds secondsOf(const char* name, double otherwise) {
  static const std::map<std::string, double> units{{"ns", 1e-9}, {"us", 1e-6},  {"ms", 1e-3},    {"secs", 1},
                                                   {"mins", 60}, {"hrs", 3600}, {"days", 86400}, {"weeks", 604800}};
  const std::string text = environment(name);
  const auto unitAt = std::find_if(text.begin(), text.end(), ::isalpha);
  const auto unit = units.find({unitAt, text.end()});
  return Seconds(unit == units.end() || unitAt == text.begin() ? otherwise : std::stod(text) * unit->second);
}

// Signals the task and what it started: the process group that it leads.
void signalGroup(pid_t leader, int number) { kill(-leader, number); }

// The ordered stream of calls that goes with one subscription.
using Calls = grpc::ClientReaderWriter<Call, tepui::v1::ExecutorCallResult>;

// What runs, and what the agent has not acknowledged. The lock guards all of it.
class Executor {
 public:
  Call subscription(std::set<std::string>& listed) {
    const std::lock_guard guard(lock_);
    Call call = callOf(Call::SUBSCRIBE);
    auto* subscribe = call.mutable_subscribe();
    for (const auto& [taskId, task] : tasks_) *subscribe->add_unacknowledged_tasks() = task;
    for (const auto& status : updates_) {
      *subscribe->add_unacknowledged_updates()->mutable_status() = status;
      listed.insert(status.uuid());
    }
    return call;
  }

  // What was said since SUBSCRIBE was written goes now.
  void connect(Calls* calls, const std::set<std::string>& listed) {
    const std::lock_guard guard(lock_);
    calls_ = calls;
    for (const auto& status : updates_) {
      if (listed.count(status.uuid()) == 0) send(status);
    }
  }

  void disconnect() {
    const std::lock_guard guard(lock_);
    calls_ = nullptr;
  }

  void acknowledged(const Event::Acknowledged& event) {
    const std::lock_guard guard(lock_);
    updates_.remove_if([&](const auto& status) { return status.uuid() == event.uuid(); });
    tasks_.erase(event.task_id().value());
  }

  void launch(const mesos::v1::TaskInfo& task) {
    const std::lock_guard guard(lock_);
    const std::string& taskId = task.task_id().value();
    tasks_[taskId] = task;
    pid_t pid = 0;
    if (const int error = spawnShell(task.data(), &pid); error != 0) {
      update(taskId, mesos::v1::TASK_FAILED, "the command could not be started: error " + std::to_string(error));
      return;
    }
    running_[taskId] = pid;
    update(taskId, mesos::v1::TASK_RUNNING, "");
    std::thread([this, taskId, pid] { wait(taskId, pid); }).detach();
  }

  void kill(const std::string& taskId, Seconds grace) {
    const std::lock_guard guard(lock_);
    const auto entry = running_.find(taskId);
    if (entry == running_.end()) return;
    killed_.insert(taskId);
    signalGroup(entry->second, SIGTERM);
    std::thread([this, taskId, pid = entry->second, grace] {
      std::this_thread::sleep_for(grace);
      const std::lock_guard guard(lock_);
      const auto still = running_.find(taskId);
      if (still != running_.end()) signalGroup(pid, SIGKILL);
    }).detach();
  }

  // Ends all tasks, and waits until the agent has their ends, or the grace is nearly over.
  [[noreturn]] void shutDown() {
    killAll(SIGKILL);
    const auto until = Clock::now() + 0.8 * secondsOf("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5);
    while (!isIdle() && Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    _exit(0);
  }

  void killAll(int number) {
    const std::lock_guard guard(lock_);
    for (const auto& [taskId, pid] : running_) {
      killed_.insert(taskId);
      signalGroup(pid, number);
    }
  }

 private:
  static Call callOf(Call::Type type) {
    Call call;
    call.set_type(type);
    call.mutable_framework_id()->set_value(environment("MESOS_FRAMEWORK_ID"));
    call.mutable_executor_id()->set_value(environment("MESOS_EXECUTOR_ID"));
    return call;
  }

  // In a session of its own, so that a kill reaches all of it.
  static int spawnShell(const std::string& command, pid_t* pid) {
    const char* const words[] = {"/bin/sh", "-c", command.c_str(), nullptr};
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    const int error = posix_spawn(pid, words[0], nullptr, &attributes, const_cast<char* const*>(words), environ);
    posix_spawnattr_destroy(&attributes);
    return error;
  }

  void wait(const std::string& taskId, pid_t pid) {
    // The process stays a zombie, and its id in use, until it is out of `running_`: no kill can reach a stranger.
    siginfo_t end;
    while (waitid(P_PID, pid, &end, WEXITED | WNOWAIT) != 0) continue;
    const std::lock_guard guard(lock_);
    running_.erase(taskId);
    waitpid(pid, nullptr, 0);
    const bool succeeded = end.si_code == CLD_EXITED && end.si_status == 0;
    const bool wasKilled = killed_.erase(taskId) > 0;
    const std::string how = (end.si_code == CLD_EXITED ? "exited with status " : "ended by signal ") + std::to_string(end.si_status);
    update(taskId, wasKilled ? mesos::v1::TASK_KILLED : succeeded ? mesos::v1::TASK_FINISHED : mesos::v1::TASK_FAILED, how);
  }

  void update(const std::string& taskId, mesos::v1::TaskState state, const std::string& message) {
    mesos::v1::TaskStatus status;
    status.mutable_task_id()->set_value(taskId);
    status.set_state(state);
    status.set_message(message);
    status.set_source(mesos::v1::TaskStatus::SOURCE_EXECUTOR);
    status.set_timestamp(std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
    std::random_device random;
    std::string uuid(16, '\0');
    for (char& byte : uuid) byte = static_cast<char>(random());
    status.set_uuid(uuid);
    updates_.push_back(status);
    send(status);
  }

  void send(const mesos::v1::TaskStatus& status) {
    if (calls_ == nullptr) return;
    Call call = callOf(Call::UPDATE);
    *call.mutable_update()->mutable_status() = status;
    // What cannot be written goes with the next subscription.
    if (!calls_->Write(call)) calls_ = nullptr;
  }

  bool isIdle() {
    const std::lock_guard guard(lock_);
    return running_.empty() && updates_.empty();
  }

  std::mutex lock_;
  std::map<std::string, pid_t> running_;                // task id -> process
  std::set<std::string> killed_;                        // of the running ones
  std::list<mesos::v1::TaskStatus> updates_;            // oldest first
  std::map<std::string, mesos::v1::TaskInfo> tasks_;    // of which no update was acknowledged
  Calls* calls_ = nullptr;
};

void handle(Executor& executor, const Event& event) {
  switch (event.type()) {
    case Event::LAUNCH:
      executor.launch(event.launch().task());
      break;
    case Event::KILL: {
      const auto& kill = event.kill();
      const bool saysGrace = kill.has_kill_policy() && kill.kill_policy().has_grace_period();
      executor.kill(kill.task_id().value(), saysGrace ? Seconds(kill.kill_policy().grace_period().nanoseconds() / 1e9) : killGraceDefault);
      break;
    }
    case Event::ACKNOWLEDGED:
      executor.acknowledged(event.acknowledged());
      break;
    case Event::SHUTDOWN:
      std::thread([&] { executor.shutDown(); }).detach();
      break;
    case Event::ERROR:
      std::cerr << "the agent refuses this executor: " << event.error().message() << std::endl;
      std::exit(1);
    default:
      break;
  }
}

// Says what the agent refused. What is lost with the connection goes with the next subscription.
void report(Calls& calls) {
  for (tepui::v1::ExecutorCallResult result; calls.Read(&result);) {
    if (result.code() != 0) std::cerr << "call " << result.index() << " was refused: " << result.message() << std::endl;
  }
}

// One subscription, until it ends.
grpc::Status serve(Executor& executor) {
  const auto channel = grpc::CreateChannel(environment("MESOS_AGENT_ENDPOINT"), grpc::InsecureChannelCredentials());
  const auto stub = tepui::v1::Executor::NewStub(channel);
  grpc::ClientContext eventsContext;
  grpc::ClientContext callsContext;
  std::unique_ptr<Calls> calls;
  std::thread reporter;
  std::set<std::string> listed;
  const auto events = stub->Subscribe(&eventsContext, executor.subscription(listed));
  for (Event event; events->Read(&event);) {
    if (event.type() != Event::SUBSCRIBED) {
      handle(executor, event);
      continue;
    }
    const auto streamId = eventsContext.GetServerInitialMetadata().find("mesos-stream-id");
    if (calls != nullptr || streamId == eventsContext.GetServerInitialMetadata().end()) break;
    callsContext.AddMetadata("mesos-stream-id", {streamId->second.data(), streamId->second.size()});
    calls = stub->Calls(&callsContext);
    reporter = std::thread([&] { report(*calls); });
    executor.connect(calls.get(), listed);
  }
  executor.disconnect();
  callsContext.TryCancel();
  eventsContext.TryCancel();
  if (reporter.joinable()) reporter.join();
  return events->Finish();
}

int main() {
  Executor executor;
  const Seconds backoff = secondsOf("MESOS_SUBSCRIPTION_BACKOFF_MAX", 2) / 2;
  const Seconds patience = secondsOf("MESOS_RECOVERY_TIMEOUT", 900);
  std::mt19937 random{std::random_device{}()};
  for (auto lostAt = Clock::now(); Clock::now() - lostAt < patience;) {
    const auto startedAt = Clock::now();
    const grpc::Status status = serve(executor);
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) {
      std::cerr << "the agent refuses this executor: " << status.error_message() << std::endl;
      break;
    }
    if (Clock::now() - startedAt > Seconds(1)) lostAt = Clock::now();
    if (environment("MESOS_CHECKPOINT") != "1") break;
    std::this_thread::sleep_for(Seconds(std::uniform_real_distribution(0.05, std::max(0.06, backoff.count()))(random)));
  }
  executor.killAll(SIGKILL);
  std::cerr << "the agent was away for too long" << std::endl;
  return 1;
}
