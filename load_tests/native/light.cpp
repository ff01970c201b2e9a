// Reads a plan from standard input, runs it, prints `begin`, `end` and one line of JSON.
#include <sched.h>
#include <sys/prctl.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <thread>

#include "ceiling.hpp"
#include "plan.hpp"
#include "publisher.hpp"
#include "report.hpp"
#include "subscribers.hpp"

namespace {

// Threads that are told to be on time are: no timer slack, their own processor where the plan names one.
void settle_thread(int cpu) {
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  if (cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    ::sched_setaffinity(0, sizeof set, &set);
  }
}

light::Sent send_all(const light::Plan& plan, light::Window& window, light::Ledger& ledger) {
  if (plan.ceiling.socket >= 0) {
    light::Ceiling ceiling(plan, window, ledger);
    ceiling.run();
    return {.send_failures = ceiling.send_failures(), .cpu_ns = ceiling.window_cpu_ns(), .lateness_us = {}};
  }
  light::Publisher publisher(plan, window, ledger);
  publisher.run();
  return {.keyframe_requests = publisher.keyframe_requests(),
          .send_failures = publisher.send_failures(),
          .lateness_us = std::move(publisher.lateness_us())};
}

}  // namespace

int main() {
  try {
    const light::Plan plan = light::read_plan(std::cin);
    light::Window window;
    light::Ledger ledger(plan.warmup_ns + plan.duration_ns);
    light::Subscribers subscribers(plan, window, ledger);
    std::thread receiving([&] {
      settle_thread(plan.receive_cpu);
      subscribers.run();
    });
    settle_thread(plan.send_cpu);
    light::Sent sent = send_all(plan, window, ledger);
    window.is_over = true;
    receiving.join();
    light::print_result(window, sent, ledger, subscribers);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "light: %s\n", error.what());
    return 1;
  }
  return 0;
}
