// A whole framework in one file, with nothing but gRPC for C++ and the code generated from tepui's protos.
//
// Runs a small batch of shell commands on a tepui cluster, each to its end exactly once, and launches a task anew when
// its agent is lost. Start it with run.sh, which generates the code and builds it first:
//
//   examples/cpp/run.sh --master 127.0.0.1:6050 --tasks 6 --command 'sleep 0.2'
//
// With --executor it brings an executor of its own (executor.cpp beside this file), one for each agent.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mesos/v1/scheduler/scheduler.pb.h"
#include "tepui/v1/scheduler_service.grpc.pb.h"

using mesos::v1::scheduler::Call;
using mesos::v1::scheduler::Event;

constexpr double cpusPerTask = 0.1;
constexpr double memPerTaskMb = 32;

struct Flags {
  std::string master = "127.0.0.1:6050";
  int tasks = 6;
  std::string command = "sleep 0.2";
  bool executor = false;
};

// Ends the program: what was asked for cannot be had.
struct Hopeless : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The connection is gone; another one may work, perhaps to the leader that the master named.
struct Disconnected : std::runtime_error {
  Disconnected(const std::string& reason, std::string leaderAddress) : std::runtime_error(reason), leader(std::move(leaderAddress)) {}
  std::string leader;
};

// What has to run, what runs, and what is done. Knows nothing of the connection.
class Batch {
 public:
  Batch(const Flags& flags, std::optional<mesos::v1::ExecutorInfo> executor)
      : command_(flags.command), executor_(std::move(executor)), unfinished_(flags.tasks) {
    for (int number = 0; number < flags.tasks; number++) waiting_.push_back(number);
  }

  std::vector<mesos::v1::TaskInfo> tasksFor(const mesos::v1::Offer& offer) {
    const double room = std::min(scalar(offer, "cpus") / cpusPerTask, scalar(offer, "mem") / memPerTaskMb) + 1e-9;
    std::vector<mesos::v1::TaskInfo> tasks;
    for (; !waiting_.empty() && tasks.size() + 1 <= room; waiting_.erase(waiting_.begin())) tasks.push_back(task(waiting_.front(), offer));
    return tasks;
  }

  // Nothing of it was launched: the call was refused.
  void putBack(const mesos::v1::TaskInfo& task) {
    const auto entry = live_.find(task.task_id().value());
    waiting_.push_back(entry->second);
    live_.erase(entry);
  }

  void update(const mesos::v1::TaskStatus& status) {
    const auto entry = live_.find(status.task_id().value());
    if (entry == live_.end()) return;
    std::cout << entry->first << ": " << mesos::v1::TaskState_Name(status.state()) << (status.message().empty() ? "" : " ") << status.message()
              << std::endl;
    switch (status.state()) {
      case mesos::v1::TASK_FINISHED:
        unfinished_--;
        live_.erase(entry);
        break;
      case mesos::v1::TASK_LOST:
      case mesos::v1::TASK_DROPPED:
      case mesos::v1::TASK_GONE:
      case mesos::v1::TASK_GONE_BY_OPERATOR:
      case mesos::v1::TASK_KILLED:
        waiting_.push_back(entry->second);
        live_.erase(entry);
        break;
      case mesos::v1::TASK_FAILED:
      case mesos::v1::TASK_ERROR:
        failure_ = entry->first + " cannot succeed: " + status.message();
        break;
      default:
        break;
    }
  }

  bool isDone() const { return failure_ || unfinished_ == 0; }
  // Why the batch cannot be finished.
  const std::optional<std::string>& failure() const { return failure_; }
  bool isWaiting() const { return !waiting_.empty(); }
  // Task id -> number of the task. An id is used once.
  const std::map<std::string, int>& live() const { return live_; }

 private:
  mesos::v1::TaskInfo task(int number, const mesos::v1::Offer& offer) {
    const std::string taskId = "task-" + std::to_string(number) + "-" + std::to_string(launches_++);
    live_[taskId] = number;
    mesos::v1::TaskInfo task;
    task.set_name("task " + std::to_string(number));
    task.mutable_task_id()->set_value(taskId);
    *task.mutable_agent_id() = offer.agent_id();
    for (const auto& [name, value] : {std::pair("cpus", cpusPerTask), std::pair("mem", memPerTaskMb)}) {
      auto* resource = task.add_resources();
      resource->set_name(name);
      resource->set_type(mesos::v1::Value::SCALAR);
      resource->mutable_scalar()->set_value(value);
    }
    if (executor_) {
      // The first task on an agent starts it, the others go to it.
      *task.mutable_executor() = *executor_;
      task.set_data(command_);
    } else {
      task.mutable_command()->set_value(command_);
    }
    return task;
  }

  static double scalar(const mesos::v1::Offer& offer, const std::string& name) {
    double sum = 0;
    for (const auto& resource : offer.resources()) {
      if (resource.name() == name) sum += resource.scalar().value();
    }
    return sum;
  }

  const std::string command_;
  const std::optional<mesos::v1::ExecutorInfo> executor_;
  std::vector<int> waiting_;
  std::map<std::string, int> live_;
  int launches_ = 0;
  int unfinished_;
  std::optional<std::string> failure_;
};

// One subscription and the ordered stream of calls that goes with it. Ends with `Disconnected` or `Hopeless`.
class Connection {
 public:
  Connection(const std::string& address, mesos::v1::FrameworkInfo& framework)
      : framework_(framework), stub_(tepui::v1::Scheduler::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {
    Call subscribe;
    subscribe.set_type(Call::SUBSCRIBE);
    *subscribe.mutable_subscribe()->mutable_framework_info() = framework;
    if (framework.has_id()) *subscribe.mutable_framework_id() = framework.id();
    events_ = stub_->Subscribe(&eventsContext_, subscribe);
  }

  ~Connection() {
    callsContext_.TryCancel();
    eventsContext_.TryCancel();
  }

  Event next() {
    Event event;
    if (events_->Read(&event)) return event;
    const grpc::Status status = events_->Finish();
    switch (status.error_code()) {
      // The same SUBSCRIBE would get the same answer.
      case grpc::StatusCode::INVALID_ARGUMENT:
      case grpc::StatusCode::PERMISSION_DENIED:
      case grpc::StatusCode::UNAUTHENTICATED:
      case grpc::StatusCode::UNIMPLEMENTED:
        throw Hopeless("the master refuses this framework: " + status.error_message());
      default:
        break;
    }
    // A master that does not lead names the one that does.
    const auto& trailers = eventsContext_.GetServerTrailingMetadata();
    const auto leader = trailers.find("tepui-leader");
    throw Disconnected(status.ok() ? "the master ended the event stream" : status.error_message(),
                       leader == trailers.end() ? "" : std::string(leader->second.data(), leader->second.size()));
  }

  void subscribed(const Event::Subscribed& subscribed) {
    *framework_.mutable_id() = subscribed.framework_id();
    const auto& metadata = eventsContext_.GetServerInitialMetadata();
    const auto streamId = metadata.find("mesos-stream-id");
    if (streamId == metadata.end()) throw Hopeless("the master gave no mesos-stream-id");
    callsContext_.AddMetadata("mesos-stream-id", std::string(streamId->second.data(), streamId->second.size()));
    calls_ = stub_->Calls(&callsContext_);
  }

  // Makes one call and waits for its result, so that a refusal is seen where it belongs. Says whether it was taken.
  bool call(Call call) {
    *call.mutable_framework_id() = framework_.id();
    tepui::v1::CallResult result;
    if (!calls_->Write(call) || !calls_->Read(&result)) throw Disconnected("the master ended the stream of calls", "");
    if (result.code() != 0) std::cerr << Call::Type_Name(call.type()) << " was refused: " << result.message() << std::endl;
    return result.code() == 0;
  }

 private:
  mesos::v1::FrameworkInfo& framework_;
  std::unique_ptr<tepui::v1::Scheduler::Stub> stub_;
  grpc::ClientContext eventsContext_;
  grpc::ClientContext callsContext_;
  std::unique_ptr<grpc::ClientReader<Event>> events_;
  std::unique_ptr<grpc::ClientReaderWriter<Call, tepui::v1::CallResult>> calls_;
};

Call callOf(Call::Type type) {
  Call call;
  call.set_type(type);
  return call;
}

// Tasks may change while nobody listens, and a launch may get lost with its connection: ask for what is live.
void reconcile(Connection& connection, const Batch& batch) {
  if (batch.live().empty()) return;
  Call call = callOf(Call::RECONCILE);
  for (const auto& [taskId, number] : batch.live()) call.mutable_reconcile()->add_tasks()->mutable_task_id()->set_value(taskId);
  connection.call(call);
}

void onOffer(Connection& connection, Batch& batch, const mesos::v1::Offer& offer) {
  const auto tasks = batch.tasksFor(offer);
  Call call = callOf(tasks.empty() ? Call::DECLINE : Call::ACCEPT);
  if (tasks.empty()) {
    *call.mutable_decline()->add_offer_ids() = offer.id();
    call.mutable_decline()->mutable_filters()->set_refuse_seconds(3600);
  } else {
    std::cout << "launching " << tasks.size() << " on agent " << offer.agent_id().value() << std::endl;
    *call.mutable_accept()->add_offer_ids() = offer.id();
    auto* launch = call.mutable_accept()->add_operations();
    launch->set_type(mesos::v1::Offer::Operation::LAUNCH);
    for (const auto& task : tasks) *launch->mutable_launch()->add_task_infos() = task;
  }
  if (connection.call(call)) return;
  for (const auto& task : tasks) batch.putBack(task);
}

void onUpdate(Connection& connection, Batch& batch, const mesos::v1::TaskStatus& status) {
  // One without a uuid needs no acknowledgement.
  if (status.has_uuid()) {
    Call call = callOf(Call::ACKNOWLEDGE);
    *call.mutable_acknowledge()->mutable_agent_id() = status.agent_id();
    *call.mutable_acknowledge()->mutable_task_id() = status.task_id();
    call.mutable_acknowledge()->set_uuid(status.uuid());
    connection.call(call);
  }
  batch.update(status);
  if (!batch.isWaiting()) return;
  Call call = callOf(Call::REVIVE);
  call.mutable_revive();
  connection.call(call);
}

// Serves one subscription. Returns when the batch is done.
void runOnce(const std::string& address, mesos::v1::FrameworkInfo& framework, Batch& batch) {
  Connection connection(address, framework);
  while (!batch.isDone()) {
    const Event event = connection.next();
    switch (event.type()) {
      case Event::SUBSCRIBED:
        connection.subscribed(event.subscribed());
        std::cout << "subscribed as " << framework.id().value() << std::endl;
        reconcile(connection, batch);
        break;
      case Event::OFFERS:
        for (const auto& offer : event.offers().offers()) onOffer(connection, batch, offer);
        break;
      case Event::UPDATE:
        onUpdate(connection, batch, event.update().status());
        break;
      case Event::HEARTBEAT:
        reconcile(connection, batch);
        break;
      case Event::ERROR:
        throw Hopeless("the master refuses this framework: " + event.error().message());
      default:
        break;
    }
  }
  connection.call(callOf(Call::TEARDOWN));
}

// The program `executor` beside this one.
mesos::v1::ExecutorInfo ownExecutor() {
  mesos::v1::ExecutorInfo executor;
  executor.mutable_executor_id()->set_value("batch");
  executor.mutable_command()->set_shell(false);
  executor.mutable_command()->set_value(std::filesystem::read_symlink("/proc/self/exe").replace_filename("executor"));
  return executor;
}

[[noreturn]] void misused(const std::string& reason) {
  std::cerr << reason << "\nusage: run.sh [--master HOST:PORT] [--tasks N] [--command COMMAND] [--executor]" << std::endl;
  std::exit(2);
}

Flags readFlags(const std::vector<std::string>& words) {
  Flags flags;
  for (std::size_t at = 0; at < words.size(); at++) {
    const std::string& name = words[at];
    if (name == "--executor") {
      flags.executor = true;
      continue;
    }
    if (name != "--master" && name != "--tasks" && name != "--command") misused("unknown flag " + name);
    if (at + 1 == words.size()) misused(name + " needs a value");
    const std::string& value = words[++at];
    if (name == "--master") flags.master = value;
    if (name == "--command") flags.command = value;
    if (name == "--tasks") {
      const bool isNumber = !value.empty() && value.size() < 7 && std::all_of(value.begin(), value.end(), ::isdigit);
      if (!isNumber || std::stoi(value) < 1) misused("--tasks must be a whole number from 1 to 999999, is \"" + value + "\"");
      flags.tasks = std::stoi(value);
    }
  }
  return flags;
}

int main(int argc, char** argv) {
  const Flags flags = readFlags({argv + 1, argv + argc});
  mesos::v1::FrameworkInfo framework;
  framework.set_user("root");
  framework.set_name("batch-cpp");
  framework.set_failover_timeout(60);
  framework.set_checkpoint(true);
  Batch batch(flags, flags.executor ? std::optional(ownExecutor()) : std::nullopt);
  std::mt19937 random{std::random_device{}()};
  std::string address = flags.master;
  for (int attempt = 1; !batch.isDone(); attempt++) {
    try {
      runOnce(address, framework, batch);
    } catch (const Hopeless& error) {
      std::cerr << error.what() << std::endl;
      return 1;
    } catch (const Disconnected& error) {
      if (batch.isDone()) break;
      address = error.leader.empty() ? flags.master : error.leader;
      const double mostSeconds = std::min(5.0, 0.1 * std::pow(2, std::min(attempt, 10)));
      const double seconds = std::uniform_real_distribution(0.05, mostSeconds)(random);
      std::cout << "disconnected (" << error.what() << "), next attempt in " << seconds << " s" << std::endl;
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    }
  }
  if (batch.failure()) {
    std::cerr << *batch.failure() << std::endl;
    return 1;
  }
  std::cout << "all " << flags.tasks << " tasks finished" << std::endl;
}
