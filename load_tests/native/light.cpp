// Reads a plan from standard input, runs it, prints `begin`, `end` and one line of JSON.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <thread>

#include "plan.hpp"
#include "publisher.hpp"
#include "subscribers.hpp"

namespace {

// {"count": n, "p50": x, "p99": y, "max": z} of microseconds; sorts its argument.
void print_quantiles(const char* name, std::vector<std::uint32_t>& samples) {
  std::sort(samples.begin(), samples.end());
  const auto at = [&samples](double ratio) {
    return samples.empty()
               ? 0U
               : samples[static_cast<std::size_t>(ratio * static_cast<double>(samples.size() - 1))];
  };
  std::printf("\"%s\": {\"count\": %zu, \"p50\": %u, \"p99\": %u, \"max\": %u}", name, samples.size(),
              at(0.5), at(0.99), at(1.0));
}

void print_result(const light::Window& window, light::Publisher& publisher, light::Subscribers& subscribers) {
  std::printf("{\"published\": [%u, %u], ", window.end[0] - window.first[0], window.end[1] - window.first[1]);
  std::printf("\"keyframe_requests\": %llu, \"send_failures\": %llu, ",
              static_cast<unsigned long long>(publisher.keyframe_requests()),
              static_cast<unsigned long long>(publisher.send_failures()));
  print_quantiles("publisher_lateness_us", publisher.lateness_us());
  std::printf(", \"delay_us\": {");
  print_quantiles("voice", subscribers.delays().us[0]);
  std::printf(", ");
  print_quantiles("delta", subscribers.delays().us[1]);
  std::printf(", ");
  print_quantiles("keyframe", subscribers.delays().us[2]);
  std::printf("}, \"subscribers\": [");
  const char* separator = "";
  for (const light::Delivery& delivery : subscribers.deliveries()) {
    std::printf("%s[%llu, %llu, %llu, %llu, %llu, %llu]", separator,
                static_cast<unsigned long long>(delivery.distinct[0]),
                static_cast<unsigned long long>(delivery.distinct[1]),
                static_cast<unsigned long long>(delivery.duplicates),
                static_cast<unsigned long long>(delivery.not_authentic),
                static_cast<unsigned long long>(delivery.socket_overflows),
                static_cast<unsigned long long>(delivery.reports));
    separator = ", ";
  }
  std::puts("]}");
}

}  // namespace

int main() {
  try {
    const light::Plan plan = light::read_plan(std::cin);
    light::Window window;
    light::Publisher publisher(plan, window);
    light::Subscribers subscribers(plan, window);
    std::thread receiving([&subscribers] { subscribers.run(); });
    publisher.run();
    window.is_over = true;
    receiving.join();
    print_result(window, publisher, subscribers);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "light: %s\n", error.what());
    return 1;
  }
  return 0;
}
